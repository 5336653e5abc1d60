// The picture of the model on digits: forty rows, those with a wrong label first, and below each the network's answer
// and its label.

const DIGIT_GRID = { across: 8, down: 5 };

class DigitsScene {
  // The rows to show stay the same through a run, so that one sees their answers change.
  chosen({ rows, flipped }) {
    const all = Array.from({ length: rows }, (_, k) => k), wrong = all.filter((k) => flipped[k]);
    return [...wrong.slice(0, 20), ...all.filter((k) => !flipped[k])].slice(0, DIGIT_GRID.across * DIGIT_GRID.down);
  }

  // Returns the height that it takes at this width.
  height(width) {
    return (width / DIGIT_GRID.across) * 1.3 * DIGIT_GRID.down;
  }

  draw(c, run, { which, width, colors, dark }) {
    const part = run.data[which], { outputs } = run.data, answers = run.network.forward(part.x, part.rows);
    const cell = width / DIGIT_GRID.across, side = cell * 0.74;
    c.textAlign = "center";
    c.textBaseline = "top";
    this.chosen(part).forEach((row, k) => {
      const left = (k % DIGIT_GRID.across) * cell + (cell - side) / 2, top = Math.floor(k / DIGIT_GRID.across) * cell * 1.3 + 4;
      this.picture(c, part.x.subarray(64 * row, 64 * row + 64), left, top, side, dark);
      c.strokeStyle = part.flipped[row] ? colors.ink : colors.grid;
      c.lineWidth = part.flipped[row] ? 1.6 : 1;
      c.setLineDash(part.flipped[row] ? [4, 3] : []);
      c.strokeRect(left - 2, top - 2, side + 4, side + 4);
      c.setLineDash([]);
      const answer = answerOf(answers, row, outputs), agrees = answer === part.y[row];
      c.font = `${agrees ? "" : "bold "}${cell < 38 ? 11 : 12}px system-ui, sans-serif`;
      c.fillStyle = colors.ink;
      c.fillText(`${answer} ${agrees ? "=" : "≠"} ${part.y[row]}`, left + side / 2, top + side + 5);
    });
  }

  picture(c, pixels, left, top, side, dark) {
    const size = side / 8;
    pixels.forEach((value, p) => {
      const shade = Math.round(dark ? 17 + 213 * value : 255 - 221 * value);
      c.fillStyle = `rgb(${shade}, ${shade}, ${shade})`;
      c.fillRect(left + (p % 8) * size, top + Math.floor(p / 8) * size, size + 0.5, size + 0.5);
    });
  }
}
