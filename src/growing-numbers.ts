/** Numbers in one piece, as two's exponent. */
const PIECE_BITS = 15;
const PIECE = 1 << PIECE_BITS;

type Piece = Int32Array | Float64Array;

/**
 * A list of numbers that grows piece by piece. An array that doubles would be copied into another place each time, and the places
 * that it leaves are of use to nobody.
 */
export class GrowingNumbers {
  readonly #pieces: Piece[] = [];
  readonly #make: () => Piece;

  /** `Piece`: how they are kept; all are 0 at first. */
  constructor(Piece: typeof Int32Array | typeof Float64Array, length = 0) {
    this.#make = () => new Piece(PIECE);
    while (this.length < length) this.#pieces.push(this.#make());
  }

  /** At least as many as were set. */
  get length(): number {
    return this.#pieces.length * PIECE;
  }

  at(index: number): number {
    return this.#pieces[index >> PIECE_BITS]![index & (PIECE - 1)]!;
  }

  /** `index` is not beyond the next one. */
  set(index: number, value: number): void {
    if (index === this.length) this.#pieces.push(this.#make());
    this.#pieces[index >> PIECE_BITS]![index & (PIECE - 1)] = value;
  }
}
