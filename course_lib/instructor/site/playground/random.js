// Numbers that look random and are fixed by their seed. Every purpose has a stream of its own, so that changing one
// setting leaves what the others draw as it is: another learning rate meets the same rows in the same batches.

const STREAMS = { trainRows: 1, trainFlips: 2, valRows: 3, valFlips: 4, weights: 5, order: 6, dropout: 7 };

function mixed(word) { // the finalizer of MurmurHash3
  let h = word >>> 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

// Chris Doty-Humphrey's sfc32, which passes PractRand.
class Random {
  constructor(...words) {
    let h = 0x9e3779b9;
    for (const word of words) h = mixed(h ^ mixed(word + 0x9e3779b9));
    [this.a, this.b, this.c, this.d] = [mixed(h + 1), mixed(h + 2), mixed(h + 3), 1];
    for (let i = 0; i < 12; i++) this.bits();
    this.spare = null;
  }

  bits() {
    const t = (this.a + this.b + this.d) | 0;
    this.d = (this.d + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = (this.c << 21) | (this.c >>> 11);
    this.c = (this.c + t) | 0;
    return t >>> 0;
  }

  // At least 0 and below 1, with all 53 bits.
  uniform() {
    const high = this.bits() >>> 5, low = this.bits() >>> 6;
    return (high * 67108864 + low) / 9007199254740992;
  }

  // Mean 0 and standard deviation 1, by Box and Muller, in pairs.
  normal() {
    if (this.spare !== null) {
      const value = this.spare;
      this.spare = null;
      return value;
    }
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform())), angle = 2 * Math.PI * this.uniform();
    this.spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  }

  // The numbers from 0 to n - 1 in an order of which all are equally likely (Fisher and Yates).
  permutation(n) {
    const order = Uint32Array.from({ length: n }, (_, i) => i);
    for (let i = n - 1; i > 0; i--) {
      const j = Math.floor(this.uniform() * (i + 1));
      [order[i], order[j]] = [order[j], order[i]];
    }
    return order;
  }
}
