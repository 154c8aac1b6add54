import { Tree, Trees } from '../adapters/trees';
import { Memory } from '../http/memory';
import { Entry, entryFrom, idsIn, pathOf, Place } from './record';

/** The part of Gitea that is asked here. */
export type Files = Pick<Trees, 'tree' | 'blob'>;
export type Page = { promotions: Entry[]; next?: string };

const PER_PAGE = 20;
const DAY = 86_400;

/** Promotions to this platform as they are written down in Git, the newest first. */
export class Promotions {
  private readonly listing = new Memory(10, 1);
  /** What has an ID in Git never changes. */
  private readonly texts = new Memory(DAY, 500);

  constructor(
    private readonly git: Files,
    private readonly place: Place,
  ) {}

  /** A page of those before `before`, by ID; none where nothing was ever promoted to this platform. */
  async page(before?: string): Promise<Page> {
    const tree = await this.listing.recall<Tree>('main', async () => (await this.git.tree(this.place.repository, 'main')) ?? new Map());
    const ids = idsIn(tree.keys()).filter(id => before === undefined || id < before);
    const shown = ids.slice(0, PER_PAGE);
    const promotions = await Promise.all(shown.map(async id => entryFrom(id, await this.text(tree.get(pathOf(id))!), this.place)));
    return { promotions, ...(ids.length > PER_PAGE && { next: shown[PER_PAGE - 1] }) };
  }

  private text(blob: string): Promise<string> {
    return this.texts.recall(blob, async () => {
      const content = await this.git.blob(this.place.repository, blob);
      return Buffer.from(content, 'base64').toString('utf8');
    });
  }
}
