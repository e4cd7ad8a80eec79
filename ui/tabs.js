// The tabs of a page come into sight once when a link has opened one of them.
export default function ({ data: { tabs }, parentElement }) {
  if (parentElement.dataset.shown === tabs) return;
  parentElement.dataset.shown = tabs;
  document.querySelector(tabs)?.scrollIntoView({ block: 'start' });
}
