// Test digits as dots, in colours that tell the ten apart; the person's own is a star.
const COLOURS = ['#0072b2', '#e69f00', '#009e73', '#cc79a7', '#56b4e9', '#d55e00', '#8c6bb1', '#7f7f7f', '#b8a000', '#a0522d'];
const MARGIN = 14, REACH = 12, REST = 60;  // pixels around the map and the pointer; milliseconds

function decode(text) {
  const bytes = Uint8Array.from(atob(text), letter => letter.charCodeAt(0));
  const count = bytes.length / 6;
  const numbers = new DataView(bytes.buffer);
  return Array.from({ length: count }, (_, n) => ({
    x: numbers.getUint16(4 * n, true) / 65535, y: numbers.getUint16(4 * n + 2, true) / 65535,
    label: bytes[4 * count + n], answer: bytes[5 * count + n],
  }));
}

// Where the name of a digit stands: at the dot that is nearest to the middle of all its dots.
function middle(dots) {
  const half = side => dots.map(dot => dot[side]).sort((a, b) => a - b)[dots.length >> 1];
  const x = half('x'), y = half('y');
  return dots.reduce((best, dot) => Math.hypot(dot.x - x, dot.y - y) < Math.hypot(best.x - x, best.y - y) ? dot : best);
}

function star(pen, x, y, size) {
  pen.beginPath();
  for (let tip = 0; tip < 10; tip++) {
    const turn = Math.PI * (tip / 5 - 0.5), reach = tip % 2 ? size * 0.42 : size;
    pen.lineTo(x + reach * Math.cos(turn), y + reach * Math.sin(turn));
  }
  pen.closePath();
}

export default function ({ data: { view }, parentElement, setTriggerValue }) {
  const data = JSON.parse(view);
  const canvas = parentElement.querySelector('canvas'), tip = parentElement.querySelector('.dl-tip');
  const held = canvas.held ??= { pointed: null };
  if (held.source !== data.points) Object.assign(held, { source: data.points, dots: decode(data.points), pointed: null });
  const { dots } = held;
  canvas.setAttribute('aria-label', data.alt);

  const at = dot => {
    const side = canvas.clientWidth - 2 * MARGIN;
    return [MARGIN + dot.x * side, MARGIN + dot.y * side];
  };

  const draw = () => {
    const side = canvas.clientWidth, fine = window.devicePixelRatio || 1;
    if (!side) return;
    canvas.width = canvas.height = Math.round(side * fine);
    const pen = canvas.getContext('2d'), { color, backgroundColor } = getComputedStyle(canvas);
    pen.scale(fine, fine);
    const size = side > 450 ? 2 : 1.5;
    for (const dot of dots) {
      const [x, y] = at(dot);
      pen.fillStyle = COLOURS[dot.label];
      pen.fillRect(x - size, y - size, 2 * size, 2 * size);
    }
    pen.strokeStyle = color;
    pen.lineWidth = 1.5;
    pen.beginPath();
    for (const dot of dots.filter(dot => dot.label !== dot.answer)) {
      const [x, y] = at(dot);
      pen.moveTo(x - 4, y - 4); pen.lineTo(x + 4, y + 4);
      pen.moveTo(x - 4, y + 4); pen.lineTo(x + 4, y - 4);
    }
    pen.stroke();
    pen.font = `700 ${side > 450 ? 26 : 20}px ${getComputedStyle(canvas).fontFamily}`;
    pen.textAlign = 'center';
    pen.textBaseline = 'middle';
    pen.lineJoin = 'round';
    for (let digit = 0; digit < 10; digit++) {
      const own = dots.filter(dot => dot.label === digit);
      if (!own.length) continue;
      pen.strokeStyle = backgroundColor;
      pen.lineWidth = 6;
      pen.fillStyle = color;
      pen.strokeText(digit, ...at(middle(own)));
      pen.fillText(digit, ...at(middle(own)));
    }
    if (data.star) {
      const [x, y] = at({ x: data.star[0], y: data.star[1] });
      pen.strokeStyle = color;
      pen.lineWidth = 2;
      pen.beginPath();
      for (const near of data.near) { pen.moveTo(x, y); pen.lineTo(...at(dots[near])); }
      pen.stroke();
      star(pen, x, y, 13);
      pen.fillStyle = '#ffc400';
      pen.strokeStyle = color;  // around it first, which stands out from dots of all colours
      pen.lineWidth = 5;
      pen.stroke();
      pen.strokeStyle = backgroundColor;
      pen.lineWidth = 2;
      pen.stroke();
      pen.fill();
    }
    if (held.pointed !== null) {
      pen.strokeStyle = color;
      pen.lineWidth = 2;
      pen.beginPath();
      pen.arc(...at(dots[held.pointed]), 6, 0, 7);
      pen.stroke();
    }
  };

  const show = () => {
    draw();
    tip.hidden = held.pointed === null;
    if (tip.hidden) return;
    const dot = dots[held.pointed], [x, y] = at(dot);
    const picture = tip.querySelector('img');
    picture.hidden = !data.pictures;
    picture.src = data.tip?.index === held.pointed ? data.tip.picture : 'data:,';
    tip.querySelector('span').textContent = dot.label === dot.answer ? `A ${dot.label}` : `A ${dot.label}, read as ${dot.answer}`;
    tip.style.left = `${Math.min(x + 10, canvas.clientWidth - tip.offsetWidth)}px`;
    tip.style.top = `${y + 10 + tip.offsetHeight > canvas.clientHeight ? y - 10 - tip.offsetHeight : y + 10}px`;
  };

  canvas.onpointermove = canvas.onpointerdown = event => {
    let best = null, reach = REACH;
    dots.forEach((dot, place) => {
      const [x, y] = at(dot), far = Math.hypot(x - event.offsetX, y - event.offsetY);
      if (far < reach) [best, reach] = [place, far];
    });
    if (best === held.pointed) return;
    held.pointed = best;
    show();
    clearTimeout(held.waiting);
    if (best !== null && data.pictures) held.waiting = setTimeout(() => setTriggerValue('pointed', best), REST);
  };
  canvas.onpointerleave = () => { clearTimeout(held.waiting); held.pointed = null; show(); };
  held.observer?.disconnect();
  held.observer = new ResizeObserver(show);
  held.observer.observe(canvas);
  show();
  return () => { held.observer.disconnect(); clearTimeout(held.waiting); };
}
