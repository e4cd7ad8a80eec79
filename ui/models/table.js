// The table of models, whose heads ask for another order; the app puts the rows into it.
function make(tag, text = '', attributes = {}) {
  const element = document.createElement(tag);
  element.textContent = text;
  for (const [name, value] of Object.entries(attributes)) if (value) element.setAttribute(name, value);
  return element;
}

function cell(tag, { text, more, style }, attributes) {
  const element = make(tag, '', attributes);
  element.append(style ? make(style, text) : text);
  if (more) element.append(' ', make('span', more));
  return element;
}

export default function ({ data: { view }, parentElement, setTriggerValue }) {
  const { caption, columns, rows } = JSON.parse(view);
  const table = parentElement.querySelector('table');
  const focused = [...table.querySelectorAll('thead button')].indexOf(document.activeElement);

  const head = make('tr');
  columns.forEach(({ heading, sorted, click }, place) => {
    const button = make('button', heading, { type: 'button', title: click });
    button.onclick = () => setTriggerValue('sorted', place);
    const here = make('th', '', { scope: 'col', 'aria-sort': sorted });
    here.append(button);
    head.append(here);
  });
  const body = rows.map(({ chosen, cells: [first, ...rest] }) => {
    const row = make('tr', '', { 'aria-current': String(chosen) });
    row.append(cell('th', first, { scope: 'row' }));
    rest.forEach((one, place) => row.append(cell('td', one, { 'data-label': columns[place + 1].heading })));
    return row;
  });
  const parts = [make('caption', caption), make('thead'), make('tbody')];
  parts[0].append(make('span', ' Click on a heading to sort by it.'));
  parts[1].append(head);
  parts[2].append(...body);
  table.replaceChildren(...parts);
  table.querySelectorAll('thead button')[focused]?.focus();
}
