// The frame of a chart as inline SVG: axes that are linear or logarithmic, and text that cannot break out of it.

export interface Axis {
  readonly min: number;
  readonly max: number;
  readonly isLog: boolean;
  readonly ticks: readonly { readonly at: number; readonly text: string }[];
  readonly title: string;
}

export const CHART = { width: 860, height: 340, left: 70, right: 20, top: 16, bottom: 44 } as const;

export class Chart {
  private readonly parts: string[] = [];
  private readonly x: Axis;
  private readonly y: Axis;
  private readonly height: number;

  constructor(x: Axis, y: Axis, height: number = CHART.height) {
    this.x = x;
    this.y = y;
    this.height = height;
    const { left, right, top, bottom, width } = CHART;
    for (const { at, text } of x.ticks) {
      const tickX = this.atX(at);
      this.line([tickX, top], [tickX, height - bottom], "grid");
      this.text(tickX, height - bottom + 16, text, "middle");
    }
    for (const { at, text } of y.ticks) {
      const tickY = this.atY(at);
      this.line([left, tickY], [width - right, tickY], "grid");
      this.text(left - 8, tickY + 4, text, "end");
    }
    this.text((left + width - right) / 2, height - 8, x.title, "middle");
    this.text(left, top - 4, y.title, "start");
  }

  atX(value: number): number {
    const { left, right, width } = CHART;
    return left + share(this.x, value) * (width - left - right);
  }

  atY(value: number): number {
    const { top, bottom } = CHART;
    return this.height - bottom - share(this.y, value) * (this.height - top - bottom);
  }

  /** In values of the axes. */
  path(points: readonly (readonly [number, number])[], className: string): void {
    if (points.length === 0) return;
    const places = points.map(([x, y]) => `${round(this.atX(x))},${round(this.atY(y))}`);
    this.parts.push(`<polyline class="${className}" points="${places.join(" ")}"/>`);
  }

  dot(x: number, y: number, className: string, title: string, radius = 3): void {
    const place = `cx="${round(this.atX(x))}" cy="${round(this.atY(y))}" r="${radius}"`;
    this.parts.push(
      `<circle class="${className}" ${place}><title>${escaped(title)}</title></circle>`,
    );
  }

  /** From one value of the x axis to another, `pixels` high around a value of the y axis. */
  band(from: number, to: number, y: number, pixels: number, className: string): void {
    const left = this.atX(from);
    const size = `width="${round(Math.max(1, this.atX(to) - left))}" height="${pixels}"`;
    const place = `x="${round(left)}" y="${round(this.atY(y) - pixels / 2)}"`;
    this.parts.push(`<rect class="${className}" ${place} ${size}/>`);
  }

  svg(label: string): string {
    const box = `0 0 ${CHART.width} ${this.height}`;
    return `<svg viewBox="${box}" role="img" aria-label="${escaped(label)}">${this.parts.join("")}</svg>`;
  }

  private line(
    [x1, y1]: readonly [number, number],
    [x2, y2]: readonly [number, number],
    className: string,
  ): void {
    const ends = `x1="${round(x1)}" y1="${round(y1)}" x2="${round(x2)}" y2="${round(y2)}"`;
    this.parts.push(`<line class="${className}" ${ends}/>`);
  }

  private text(x: number, y: number, text: string, anchor: string): void {
    const place = `x="${round(x)}" y="${round(y)}" text-anchor="${anchor}"`;
    this.parts.push(`<text ${place}>${escaped(text)}</text>`);
  }
}

/** Where a value lies on an axis, 0 … 1; what lies outside is drawn at its end. */
function share({ min, max, isLog }: Axis, value: number): number {
  const place = isLog ? Math.log(value / min) / Math.log(max / min) : (value - min) / (max - min);
  return Math.min(1, Math.max(0, place));
}

const round = (pixels: number): string => pixels.toFixed(1);

/** For text and attributes of HTML and SVG. */
export const escaped = (text: string): string =>
  text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
