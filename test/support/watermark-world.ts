import fc from 'fast-check';

/** Who keeps the watermark: the rule alone, or Postgres. Values are numbers of rows. */
export interface Book {
  /** Answers the watermark that the execution finds. */
  open(id: number, fullLoad: boolean): Promise<number | null>;
  succeed(id: number, stretch: Stretch): Promise<void>;
  fail(id: number): Promise<void>;
  set(value: number | null): Promise<void>;
  read(): Promise<number | null>;
}

export interface Stretch {
  /** Where it says that it began. */
  readonly began: number | null;
  readonly next: number | null;
}

interface Execution {
  readonly id: number;
  readonly fullLoad: boolean;
  readonly began: number | null;
  taken?: ReadonlyMap<number, number>;
}

/** `pick` chooses among the executions that are open. */
export type Step =
  | { readonly does: 'grow' | 'ask' }
  | { readonly does: 'open'; readonly fullLoad: boolean }
  | { readonly does: 'work' | 'succeed' | 'fail' | 'repeat' | 'rewind'; readonly pick: number };

const pick = fc.nat(5);
const moves = (does: Extract<Step, { pick: number }>['does']) =>
  fc.record({ does: fc.constant(does), pick });

/** What may happen, in any order. */
export const anyStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.constant<Step>({ does: 'grow' }) },
  { weight: 1, arbitrary: fc.constant<Step>({ does: 'ask' }) },
  {
    weight: 4,
    arbitrary: fc.record({ does: fc.constant('open' as const), fullLoad: fc.boolean() }),
  },
  { weight: 4, arbitrary: moves('work') },
  { weight: 4, arbitrary: moves('succeed') },
  { weight: 1, arbitrary: moves('fail') },
  { weight: 1, arbitrary: moves('repeat') },
  { weight: 1, arbitrary: moves('rewind') },
);

/**
 * A source whose rows only become more, and a target that executions fill from it. A rewind means that
 * the rows beyond it have changed in the source. Whatever happens, the target holds every row up to the
 * watermark as the source has it.
 */
export class World {
  private readonly book: Book;
  /** The version of each row. */
  private readonly source: number[] = [];
  private target = new Map<number, number>();
  private open: Execution[] = [];
  private readonly ended: { readonly id: number; readonly stretch: Stretch }[] = [];
  private readonly asked: (number | null)[] = [];
  private ids = 0;

  constructor(book: Book) {
    this.book = book;
  }

  /** Takes these steps; false as soon as the target lacks a row, or has an old one, up to the watermark. */
  async neverMisses(steps: readonly Step[]): Promise<boolean> {
    for (const step of steps) {
      await this.take(step);
      const watermark = (await this.book.read()) ?? -1;
      const lacks = this.source.some(
        (version, row) => row <= watermark && this.target.get(row) !== version,
      );
      if (lacks) return false;
    }
    return true;
  }

  private async take(step: Step): Promise<void> {
    switch (step.does) {
      case 'grow':
        this.source.push(1);
        break;
      case 'ask':
        this.asked.push(await this.book.read());
        break;
      case 'open':
        await this.start(step.fullLoad);
        break;
      case 'rewind':
        await this.rewind(step.pick);
        break;
      case 'repeat':
        await this.repeat(step.pick);
        break;
      case 'work':
      case 'succeed':
      case 'fail':
        await this.goOn(step.does, this.open[step.pick % this.open.length]);
    }
  }

  /** What was asked for once may be old when the execution begins. */
  private async start(fullLoad: boolean): Promise<void> {
    this.ids += 1;
    const read = await this.book.open(this.ids, fullLoad);
    const asked = fullLoad ? undefined : this.asked.shift();
    const began = fullLoad ? null : asked === undefined ? read : asked;
    this.open.push({ id: this.ids, fullLoad, began });
  }

  private async goOn(does: 'work' | 'succeed' | 'fail', execution: Execution | undefined) {
    if (!execution) return;
    if (does === 'work') {
      this.work(execution);
      return;
    }
    if (does === 'succeed' && !execution.taken) return;
    this.open = this.open.filter((other) => other !== execution);
    await (does === 'fail' ? this.book.fail(execution.id) : this.succeed(execution));
  }

  private work(execution: Execution): void {
    const from = (execution.began ?? -1) + 1;
    const rows = this.source.map((version, row) => [row, version] as const).slice(from);
    execution.taken = new Map(rows);
    if (!execution.fullLoad) this.target = new Map([...this.target, ...rows]);
  }

  private async succeed({ id, fullLoad, began, taken = new Map() }: Execution): Promise<void> {
    if (fullLoad) this.target = new Map(taken);
    const next = taken.size === 0 ? null : Math.max(...taken.keys());
    if (next === null && !fullLoad) {
      await this.book.fail(id);
      return;
    }
    const stretch = { began, next };
    this.ended.push({ id, stretch });
    await this.book.succeed(id, stretch);
  }

  private async repeat(pick: number): Promise<void> {
    const again = this.ended[pick % this.ended.length];
    if (again) await this.book.succeed(again.id, again.stretch);
  }

  /** Back, or to nothing, so that everything is loaded again: to set it to what it is disturbs nobody. */
  private async rewind(pick: number): Promise<void> {
    const watermark = await this.book.read();
    if (watermark === null) return;
    const to = pick % 2 === 0 || watermark === 0 ? null : pick % watermark;
    this.source.forEach((version, row) => {
      if (row > (to ?? -1)) this.source[row] = version + 1;
    });
    await this.book.set(to);
  }
}
