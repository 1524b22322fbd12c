/**
 * How far a test set can be trusted: two networks, one of which is truly better, sit sixty exams of n pictures each. A dot is an exam,
 * placed by how much better the better one did; left of zero the worse one won.
 */
import { Figure, define, svg } from "../js/figure.js";
import { randomOf } from "../js/random.js";

export const EXAMS = 60, WORSE = 0.45;
export const SIZES = [50, 100, 171, 500, 2000, 10000];

/** For each exam the better network's accuracy less the worse one's. `gap`: how much better it truly is, in percentage points. */
export function differences(size, gap, seed) {
  const random = randomOf(seed), better = WORSE + gap / 100;
  const right = (chance) => {
    let count = 0;
    for (let i = 0; i < size; i += 1) count += random() < chance;
    return count;
  };
  return Array.from({ length: EXAMS }, () => (right(better) - right(WORSE)) / size);
}

/** The standard deviation of such a difference. */
export function spread(size, gap) {
  const better = WORSE + gap / 100;
  return Math.sqrt((better * (1 - better) + WORSE * (1 - WORSE)) / size);
}

const clamp = (value, least, most) => Math.min(most, Math.max(least, Math.round(Number(value) || least)));
const points = (share) => (100 * share).toFixed(1);

class TwoExams extends Figure {
  static defaults = { size: 2, gap: 3, seed: 1 };

  get size() { return SIZES[clamp(this.state.size, 0, SIZES.length - 1)]; }
  get gap() { return clamp(this.state.gap, 0, 12); }
  get found() {
    const all = differences(this.size, this.gap, clamp(this.state.seed, 1, 1e6));
    return { all, lost: all.filter((each) => each < 0).length, tied: all.filter((each) => each === 0).length };
  }

  render() {
    this.root = this.stage.appendChild(svg("svg", { role: "img" }));
    this.root.style.cssText = "display:block;width:100%";
    this.controls.append(
      this.slider("size", { label: this.say("测试图片", "Test pictures"), min: 0, max: SIZES.length - 1, step: 1, format: (stop) => String(SIZES[stop]) }),
      this.slider("gap", { label: this.say("乙真的好几个百分点", "B is truly better by, points"), min: 0, max: 12, step: 1 }),
      this.button(this.say("再考 60 次", "Sixty more exams"), () => this.update({ seed: clamp(this.state.seed, 1, 1e6) + 1 })));
  }

  draw() {
    const width = Math.max(280, this.stage.clientWidth), { all, lost } = this.found;
    const reach = 0.2, at = (share) => width / 2 + (Math.min(reach, Math.max(-reach, share)) / reach) * (width / 2 - 14);
    const column = 9, floor = 150, stacks = new Map();
    const dots = all.toSorted((a, b) => a - b).map((share) => {
      const x = Math.round(at(share) / column) * column, level = stacks.get(x) ?? 0;
      stacks.set(x, level + 1);
      return svg("circle", { cx: x, cy: floor - 7 - level * column, r: 4, fill: share < 0 ? "var(--fault)" : share > 0 ? "var(--leaf)" : "var(--ink-faint)" });
    });
    const tall = Math.max(...stacks.values()) * column + 40, shift = Math.max(0, tall - floor);
    const word = (x, y, content, extra) => svg("text", { x, y, "font-size": 14, fill: "var(--ink-soft)", ...extra }, content);
    const truth = at(this.gap / 100);
    this.root.setAttribute("viewBox", `0 ${-shift} ${width} ${floor + 56 + shift}`);
    this.root.setAttribute("aria-label", this.describe());
    this.root.replaceChildren(
      svg("path", { d: `M8 ${floor}H${width - 8}`, stroke: "var(--line-strong)", "stroke-width": 2 }),
      svg("path", { d: `M${width / 2} ${16 - shift}V${floor + 6}`, stroke: "var(--ink)", "stroke-width": 1.5 }),
      svg("path", { d: `M${truth} ${16 - shift}V${floor}`, stroke: "var(--leaf)", "stroke-width": 1.5, "stroke-dasharray": "5 4" }),
      ...dots,
      ...[-0.2, -0.1, 0, 0.1, 0.2].map((share) => word(at(share), floor + 24, String(Math.round(100 * share)), { "text-anchor": share < -0.15 ? "start" : share > 0.15 ? "end" : "middle" })),
      word(8, floor + 46, this.say(`甲赢了 ${lost} 次`, `A won ${lost}`), { fill: "var(--fault)", "font-weight": 700 }),
      word(width - 8, floor + 46, this.say(`乙赢了 ${this.#won()} 次`, `B won ${this.#won()}`), { "text-anchor": "end", fill: "var(--leaf)", "font-weight": 700 }));
  }

  #won() {
    const { all, lost, tied } = this.found;
    return all.length - lost - tied;
  }

  describe() {
    const { lost, tied } = this.found, { size, gap } = this;
    return this.say(
      `每次考 ${size} 张，乙真的好 ${gap} 个百分点。60 次里，乙赢了 ${this.#won()} 次，甲赢了 ${lost} 次，平 ${tied} 次。两人成绩之差的标准差是 ${points(spread(size, gap))} 个百分点。`,
      `Exams of ${size} pictures; B is truly better by ${gap} points. Of 60, B won ${this.#won()}, A won ${lost}, and ${tied} were ties. The difference has a standard deviation of ${points(spread(size, gap))} points.`);
  }
}

define("two-exams", TwoExams);
