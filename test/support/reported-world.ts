import fc from 'fast-check';

/** What clients report of one pipeline, and what is known of it then. Values are numbers of rows. */
export interface ReportBook {
  start(said: Window): Promise<number>;
  /** All at once, each a moment after the one before. */
  end(ends: readonly End[]): Promise<void>;
  /** `next_watermark` of `POST /pipeline`. */
  declare(next: number | null): Promise<void>;
  /** `PATCH /pipeline`. */
  patch(change: Partial<Known>): Promise<void>;
  read(): Promise<Known>;
}

interface Known {
  readonly watermark: number | null;
  readonly next: number | null;
}

/** Null: not said. */
type Window = Known;

interface End {
  readonly id: number;
  readonly succeeded: boolean;
}

interface Execution {
  readonly id: number;
  /** Its client loads what comes after this. */
  readonly began: number | null;
  /** What it said when it started. */
  readonly said: Window;
  /** Changes of the watermark by hand before it started. */
  readonly sets: number;
  /** What its pipeline named for it. */
  named: number | null;
  loadsTo: number | null;
  hasLoaded: boolean;
}

const WINDOWS = ['whole', 'end', 'declared', 'none'] as const;

/** `pick` chooses among the executions that are open or have ended. */
type Step =
  | { readonly does: 'grow' | 'ask' | 'end_all' }
  | { readonly does: 'start'; readonly window: (typeof WINDOWS)[number] }
  | {
      readonly does: 'load' | 'name' | 'succeed' | 'fail' | 'repeat' | 'rewind';
      readonly pick: number;
    };

const does = <Name extends Step['does']>(name: Name) => fc.constant(name);
const pick = fc.nat(5);

/** What may happen, in any order. */
export const anyReport: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ does: does('grow') }) },
  { weight: 2, arbitrary: fc.record({ does: does('ask') }) },
  { weight: 1, arbitrary: fc.record({ does: does('end_all') }) },
  { weight: 4, arbitrary: fc.record({ does: does('start'), window: fc.constantFrom(...WINDOWS) }) },
  { weight: 5, arbitrary: fc.record({ does: fc.constantFrom('load', 'succeed'), pick }) },
  {
    weight: 4,
    arbitrary: fc.record({ does: fc.constantFrom('name', 'fail', 'repeat', 'rewind'), pick }),
  },
);

/**
 * A source whose rows only become more, a target that clients fill from it, and what the service should
 * know of both. A rewind means that the rows beyond it have changed in the source.
 */
export class ReportedWorld {
  private readonly book: ReportBook;
  /** The version of each row. */
  private readonly source: number[] = [];
  private readonly target = new Map<number, number>();
  private open: Execution[] = [];
  private readonly ended: { readonly execution: Execution; readonly succeeded: boolean }[] = [];
  private readonly asked: (number | null)[] = [];
  private sets = 0;
  private known: Known = { watermark: null, next: null };

  constructor(book: ReportBook) {
    this.book = book;
  }

  /** What the service should know now. */
  get expected(): Known {
    return this.known;
  }

  /** Rows up to the watermark that the target lacks, or has as they were. */
  get missing(): number[] {
    const upTo = (this.known.watermark ?? -1) + 1;
    return [...this.source.slice(0, upTo).keys()].filter(
      (row) => this.target.get(row) !== this.source[row],
    );
  }

  async take(step: Step): Promise<void> {
    switch (step.does) {
      case 'grow':
        this.source.push(1);
        return;
      case 'ask':
        this.asked.push(this.known.watermark);
        return;
      case 'start':
        return this.start(step.window);
      case 'end_all':
        return this.end([...this.open].reverse(), true);
      case 'rewind':
        return this.rewind(step.pick);
      case 'repeat':
        return this.repeat(step.pick);
      case 'name':
        return this.name(this.open[step.pick % this.open.length]);
      case 'load':
      case 'succeed':
      case 'fail':
        return this.goOn(step.does, this.open[step.pick % this.open.length]);
    }
  }

  private async goOn(does: 'load' | 'succeed' | 'fail', execution: Execution | undefined) {
    if (!execution) return;
    if (does === 'load') this.load(execution);
    else await this.end([execution], does === 'succeed');
  }

  private get top(): number | null {
    return this.source.length === 0 ? null : this.source.length - 1;
  }

  /** A client that says where it begins may have asked for that long ago. */
  private async start(window: (typeof WINDOWS)[number]): Promise<void> {
    if (window === 'declared') await this.declare();
    const { watermark, next: named } = this.known;
    const asked = window === 'whole' ? this.asked.pop() : undefined;
    const began = asked === undefined ? watermark : asked;
    const saysEnd = window === 'whole' || window === 'end';
    const said = { watermark: window === 'whole' ? began : null, next: saysEnd ? this.top : null };
    const id = await this.book.start(said);
    const loadsTo = said.next ?? named;
    const { sets } = this;
    this.open.push({ id, began, said, sets, named, loadsTo, hasLoaded: false });
  }

  private async declare(): Promise<void> {
    const next = this.top ?? this.known.next;
    await this.book.declare(next);
    this.known = { ...this.known, next };
  }

  /** Its client says how far it will load, which counts while no other one is open. */
  private async name(execution: Execution | undefined): Promise<void> {
    await this.book.patch({ next: this.top });
    this.known = { ...this.known, next: this.top };
    if (!execution) return;
    if (this.open.length === 1) execution.named = this.top;
    if (execution.said.next === null) execution.loadsTo = this.top;
    execution.hasLoaded = false;
  }

  private load(execution: Execution): void {
    const { began, loadsTo } = execution;
    for (let row = (began ?? -1) + 1; row <= (loadsTo ?? -1); row += 1) {
      this.target.set(row, this.source[row] ?? 0);
    }
    execution.hasLoaded = true;
  }

  private async end(executions: readonly Execution[], succeeded: boolean): Promise<void> {
    for (const execution of executions) {
      if (succeeded && !execution.hasLoaded) this.load(execution);
      this.ended.push({ execution, succeeded });
    }
    this.open = this.open.filter((execution) => !executions.includes(execution));
    await this.book.end(executions.map(({ id }) => ({ id, succeeded })));
    if (!succeeded) return;
    for (const execution of executions) this.promote(execution);
  }

  private async repeat(pick: number): Promise<void> {
    const again = this.ended[pick % this.ended.length];
    if (!again) return;
    const { execution, succeeded } = again;
    await this.book.end([{ id: execution.id, succeeded }]);
    if (succeeded) this.promote(execution);
  }

  /** The watermark goes to the end of a stretch that begins at or before it, if nobody has set it since. */
  private promote({ said, began, named, sets }: Execution): void {
    const watermark = this.known.watermark ?? -1;
    const next = said.next ?? named;
    if (next === null || sets !== this.sets) return;
    if (next > watermark && (began ?? -1) <= watermark)
      this.known = { ...this.known, watermark: next };
  }

  /** Also to nothing, so that everything is loaded again. */
  private async rewind(pick: number): Promise<void> {
    const { watermark } = this.known;
    if (watermark === null) return;
    const to = pick % 2 === 0 ? null : pick % (watermark + 1);
    if (to === watermark) return;
    this.source.forEach((version, row) => {
      if (row > (to ?? -1)) this.source[row] = version + 1;
    });
    await this.book.patch({ watermark: to });
    this.known = { ...this.known, watermark: to };
    this.sets += 1;
  }
}
