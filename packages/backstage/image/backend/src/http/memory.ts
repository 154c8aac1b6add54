/** Remembers answers for a short while, so that many people on one page ask a system behind it once. */
export class Memory {
  private readonly kept = new Map<string, { until: number; answer: Promise<unknown> }>();

  constructor(
    private readonly seconds = 10,
    private readonly limit = 200,
    private readonly now: () => number = Date.now,
  ) {}

  /** The remembered answer, or a new one; failures are forgotten at once. */
  recall<T>(key: string, ask: () => Promise<T>): Promise<T> {
    const known = this.kept.get(key);
    if (known && known.until > this.now()) return known.answer as Promise<T>;
    this.kept.delete(key);
    const answer = ask();
    this.kept.set(key, { until: this.now() + this.seconds * 1000, answer });
    answer.catch(() => this.kept.get(key)?.answer === answer && this.kept.delete(key));
    // The oldest is the first: a Map keeps the order in which things came.
    if (this.kept.size > this.limit) this.kept.delete(this.kept.keys().next().value!);
    return answer;
  }

  /** What is known to have changed is asked anew. */
  forget(key: string): void {
    this.kept.delete(key);
  }
}
