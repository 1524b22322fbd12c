/**
 * How much of somebody else's network should learn along: the reader thaws the last blocks of EfficientNet-Lite0, sees how
 * many numbers then learn from 100 pictures, bets, and only then sees the validation accuracies.
 *
 * The accuracies were measured with the recipe image-finetune on 86 validation pictures (seed 1, 20 epochs, learning rate 0.01).
 */
import { Figure, define, el, svg } from "../js/figure.js";

export const BLOCKS = 16;
export const THAWED = [0, 1, 2, 3, 4, 5];

/** Numbers that learn with 0 to 5 blocks thawed: the head's 1,280 × 5 + 5, then the convolutions of the blocks. */
export const LEARNING = [6405, 1016197, 1487365, 1958533, 2429701, 2650789];

export const PICTURES = 100;

/** Validation accuracy in thousandths by blocks thawed: `once` trains head and blocks with the same steps from the beginning, `gentle`
    the head alone for 10 epochs and then the blocks with a tenth of its steps. With no block thawed there is no difference. */
export const MEASURED = { once: [558, 593, 593, 512, 593, 244], gentle: [558, 535, 523, 535, 535, 512] };

/** Numbers that learn for each picture, rounded. */
export const perPicture = (thawed) => Math.round(LEARNING[thawed] / PICTURES);

/** How many blocks were best; all of them where several are. */
export function best(manner) {
  const values = MEASURED[manner], highest = Math.max(...values);
  return THAWED.filter((thawed) => values[thawed] === highest);
}

const WIDTH = 360, ROW = { y: 30, height: 44, pitch: 17.6, x: 6 }, CHART = { x: 34, y: 160, width: 318, height: 96, low: 0, high: 800 };
const place = (thawed) => CHART.x + ((thawed + 0.5) / THAWED.length) * CHART.width;
const up = (value) => CHART.y + CHART.height * (1 - (value - CHART.low) / (CHART.high - CHART.low));
const withCommas = (number) => String(number).replace(/\B(?=(\d{3})+$)/g, ",");

class FreezeBlocks extends Figure {
  static defaults = { thawed: 0, manner: "once", bet: -1 };

  /** An address may contain anything. */
  get thawed() { return Math.min(5, Math.max(0, Math.round(this.state.thawed))); }
  get manner() { return this.state.manner === "gentle" ? "gentle" : "once"; }
  get bet() { return THAWED.includes(this.state.bet) ? this.state.bet : -1; }
  get accuracy() { return MEASURED[this.manner][this.thawed]; }

  render() {
    this.picture = this.stage.appendChild(svg("svg", { viewBox: `0 0 ${WIDTH} 290`, "aria-hidden": "true" }));
    Object.assign(this.picture.style, { display: "block", width: "100%", maxWidth: "34rem", margin: "0 auto" });
    this.controls.append(this.slider("thawed", { label: this.say("解冻最后几块", "Last blocks thawed"), min: 0, max: 5, step: 1 }));
    this.wager = this.controls.appendChild(el("div", {}));
    this.after = this.controls.appendChild(el("div", {}));
    this.after.append(this.choice("manner", {
      label: this.say("怎样学", "How"),
      choices: [["once", this.say("一起学，步子一样大", "all at once, same steps")], ["gentle", this.say("先学头，块走小步", "head first, small steps")]],
    }));
  }

  draw() {
    this.picture.replaceChildren(...this.#network(), ...(this.bet < 0 ? this.#covered() : this.#chart()));
    this.after.hidden = this.bet < 0;
    if (this.shownBet === this.bet) return;
    this.shownBet = this.bet;
    this.wager.replaceChildren(this.bet < 0
      ? this.button(this.say("我押这样最好", "I bet that this is best"), () => this.update({ bet: this.thawed }))
      : el("p", {}, this.say(`你押的是 ${this.bet} 块。`, `Your bet: ${this.bet}.`)));
  }

  /** The blocks from left to right; what learns is filled with leaf, what is frozen is pale and crossed by lines. */
  #network() {
    const { x, y, height, pitch } = ROW, first = BLOCKS - this.thawed;
    const blocks = Array.from({ length: BLOCKS }, (_, block) => {
      const left = x + block * pitch, learns = block >= first;
      return [
        svg("rect", { x: left, y, width: pitch - 3, height, rx: 3, fill: learns ? "var(--leaf)" : "var(--paper-sunken)", stroke: learns ? "var(--leaf)" : "var(--line-strong)" }),
        ...(learns ? [] : [svg("path", { d: `M${left + 3} ${y + height - 5}L${left + pitch - 6} ${y + 5}`, stroke: "var(--line-strong)", "stroke-width": 1.5 })]),
      ];
    });
    const head = x + BLOCKS * pitch + 4, width = WIDTH - 6 - head;
    return [
      text(x, 20, this.say("冻住：不改", "frozen"), "start"), text(WIDTH - 6, 20, this.say("在学", "learning"), "end", { fill: "var(--leaf)", "font-weight": 600 }),
      ...blocks.flat(),
      svg("rect", { x: head, y, width, height, rx: 3, fill: "var(--leaf)" }),
      text(head + width / 2, y + height / 2 + 5, this.say("新头", "head"), "middle", { fill: "var(--paper)", "font-weight": 600 }),
      text(x, y + height + 18, this.say("早：边、颜色", "early: edges, colours"), "start"),
      text(head - 6, y + height + 18, this.say("晚：部件", "late: parts"), "end"),
      text(x, y + height + 44, this.#burden(), "start", { fill: "var(--ink)" }),
    ];
  }

  #burden() {
    const learning = withCommas(LEARNING[this.thawed]), each = withCommas(perPicture(this.thawed));
    return this.say(`${learning} 个数在学，每张图要管 ${each} 个`, `${learning} numbers learn: ${each} a picture`);
  }

  #covered() {
    return [
      svg("rect", { x: 6, y: CHART.y - 18, width: WIDTH - 12, height: 136, rx: 6, fill: "var(--paper-sunken)" }),
      text(WIDTH / 2, CHART.y + 50, this.say("先押，再看验证准确率", "Bet first, then see the validation accuracy"), "middle", { "font-size": 15 }),
    ];
  }

  #chart() {
    const values = MEASURED[this.manner], chosen = best(this.manner);
    const points = values.map((value, thawed) => `${place(thawed)} ${up(value)}`);
    return [
      svg("rect", { x: place(this.thawed) - 22, y: CHART.y - 16, width: 44, height: CHART.height + 40, rx: 5, fill: "var(--paper-sunken)" }),
      text(6, CHART.y - 20, this.say("验证准确率", "validation accuracy"), "start"),
      ...[0, 200, 400, 600, 800].flatMap((value) => [
        svg("line", { x1: CHART.x, x2: CHART.x + CHART.width, y1: up(value), y2: up(value), stroke: "var(--line)" }),
        text(CHART.x - 5, up(value) + 5, value / 1000, "end")]),
      svg("path", { d: `M${points.join("L")}`, fill: "none", stroke: "var(--series-2)", "stroke-width": 2.5, "stroke-dasharray": "6 4" }),
      ...values.flatMap((value, thawed) => [
        diamond(place(thawed), up(value), chosen.includes(thawed) ? "var(--leaf)" : "var(--series-2)"),
        text(place(thawed), up(value) - 12, (value / 1000).toFixed(2), "middle", { fill: "var(--ink)", "font-weight": chosen.includes(thawed) ? 700 : 400 }),
        text(place(thawed), CHART.y + CHART.height + 18, this.say(`${thawed} 块`, thawed), "middle", thawed === this.bet ? { fill: "var(--leaf)", "font-weight": 700 } : {})]),
    ];
  }

  describe() {
    const { thawed } = this, frozen = BLOCKS - thawed;
    const network = this.say(
      `冻住 ${frozen} 块，${thawed ? `解冻最后 ${thawed} 块，` : ""}再加新头：${this.#burden()}（${PICTURES} 张图）`,
      `${frozen} blocks are frozen; ${thawed ? `the last ${thawed} and ` : ""}the new head learn${thawed ? "" : "s"}. ${this.#burden()} (${PICTURES} pictures)`);
    if (this.bet < 0) return this.say(`${network}。验证准确率还盖着。`, `${network}. The validation accuracies are still covered.`);
    const how = this.manner === "once" ? this.say("一起学，步子一样大", "All at once with the same steps") : this.say("先学头，块走小步", "The head first, the blocks in small steps");
    const which = best(this.manner).join(this.say("、", " or "));
    return this.say(
      `${network}。${how}：验证准确率 ${(this.accuracy / 1000).toFixed(2)}；这样学，最高的是解冻 ${which} 块。`,
      `${network}. ${how}: the validation accuracy is ${(this.accuracy / 1000).toFixed(2)}; it is highest with ${which} thawed.`);
  }
}

function diamond(x, y, fill) { return svg("path", { d: `M${x} ${y - 7}L${x + 7} ${y}L${x} ${y + 7}L${x - 7} ${y}Z`, fill }); }

function text(x, y, content, anchor, attributes = {}) {
  return svg("text", { x, y, "text-anchor": anchor, "font-size": 14, fill: "var(--ink-soft)", ...attributes }, String(content));
}

define("freeze-blocks", FreezeBlocks);
