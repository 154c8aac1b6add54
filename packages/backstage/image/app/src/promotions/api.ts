import { Backend } from '../http/backend';

/** What a repository's branch or tag, or the repository as a whole, was and is; neither where it was not there. */
export type Move = { repository: string; ref?: string; before?: string; after?: string; url?: string };

export type Promotion = {
  id: string;
  /** Its record in Git. */
  url: string;
  state: 'waiting' | 'begun' | 'done' | 'rolled-back';
  from: { name: string; domain?: string; commit?: string };
  to: { name: string; domain?: string };
  by?: string;
  begun?: string;
  finished?: string;
  rolledBack?: { by?: string; at?: string };
  approval?: { by?: string; at?: string; url?: string };
  /** Where it is to be approved, or was. */
  request?: string;
  platform: Move[];
  repositories: { name: string; isNew: boolean; moves: Move[] }[];
  images: { name: string; digest: string }[];
  services: string[];
  models: { name: string; versions: { version: string; sha256: string }[]; aliases: { alias: string; version: string }[] }[];
  difference: string[];
  checks: { name: string; passed: boolean; detail?: string }[];
};

/** A record that cannot be read, and why. */
export type Broken = { id: string; url: string; broken: string };
export type Entry = Promotion | Broken;

export const isBroken = (entry: Entry): entry is Broken => 'broken' in entry;

export type Promotions = { promotions: Entry[]; next?: string };

export interface PromotionsApi {
  /** The newest, or those before the ID that a page before gave as `next`. */
  page(before?: string): Promise<Promotions>;
}

/** Asks the portal's own backend, which reads the records in Git. */
export class PromotionsClient implements PromotionsApi {
  constructor(private readonly backend: Backend) {}

  async page(before?: string): Promise<Promotions> {
    const query = before ? `?before=${encodeURIComponent(before)}` : '';
    return (await this.backend.get(`records${query}`)).json();
  }
}
