// The path from picture to answer, and all maps of one layer: one picture, of which one is chosen.
export default function ({ data: { view }, parentElement, setTriggerValue }) {
  const data = JSON.parse(view);
  const path = parentElement.querySelector('.dl-path');
  const maps = parentElement.querySelector('.dl-maps');
  parentElement.querySelector('.dl-map').innerHTML = data.details;
  parentElement.querySelector('.dl-inside > .dl-note').textContent = data.hint;
  const names = data.steps.map(step => step.name).join();
  if (path.dataset.names !== names) {
    path.replaceChildren(...data.steps.map(() => document.createElement('li')));
    path.dataset.names = names;
  }
  data.steps.forEach((step, place) => {
    const item = path.children[place];
    if (!item.firstChild) {
      const part = document.createElement(step.layer === null ? 'div' : 'button');
      part.append(document.createElement(step.picture ? 'img' : 'strong'), ...['b', 'small', 'small'].map(name => document.createElement(name)));
      if (step.layer !== null) part.type = 'button';
      item.append(part);
    }
    const part = item.firstChild;
    const [seen, name, ...rest] = part.children;
    if (step.picture) { seen.src = step.picture; seen.alt = ''; } else seen.textContent = step.answer;
    name.textContent = step.short;
    rest.forEach((line, row) => { line.textContent = step.size[row] ?? ''; });
    if (step.layer !== null) {
      part.title = step.name;
      part.setAttribute('aria-label', `${step.name}: ${step.size.join(', ')}`);
      part.setAttribute('aria-pressed', step.layer === data.layer);
      part.onclick = () => setTriggerValue('chosen', { layer: step.layer, map: null });
    }
  });

  const { count, columns, chosen } = data.grid;
  const rows = Math.ceil(count / columns);
  const [picture, mark] = maps.children;
  picture.src = data.grid.picture;
  maps.style.maxWidth = `${3.5 * columns}rem`;
  maps.setAttribute('aria-label', data.grid.name);
  maps.setAttribute('aria-valuemax', count);
  const show = (place, words) => {
    maps.setAttribute('aria-valuenow', place + 1);
    maps.setAttribute('aria-valuetext', words);
    Object.assign(mark.style, {
      left: `${100 * (place % columns) / columns}%`, top: `${100 * Math.floor(place / columns) / rows}%`,
      width: `${100 / columns}%`, height: `${100 / rows}%`,
    });
  };
  show(chosen, data.grid.words);
  let now = chosen;
  const choose = place => {
    if (place < 0 || place >= count || place === now) return;
    now = place;
    show(place, `${place + 1} of ${count}`);
    setTriggerValue('chosen', { layer: data.layer, map: place });
  };
  maps.onclick = event => {
    const box = picture.getBoundingClientRect();
    const along = Math.min(columns - 1, Math.floor((event.clientX - box.left) / box.width * columns));
    const down = Math.min(rows - 1, Math.floor((event.clientY - box.top) / box.height * rows));
    choose(down * columns + along);
  };
  maps.onkeydown = event => {
    const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns };
    const ends = { Home: 0, End: count - 1 };
    if (event.key in steps) choose(now + steps[event.key]);
    else if (event.key in ends) choose(ends[event.key]);
    else return;
    event.preventDefault();
  };
}
