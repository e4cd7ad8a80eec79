// The names in the table of pictures open their pictures.
export default function ({ setTriggerValue }) {
  const open = event => {
    const name = event.target.closest?.('.st-key-upload_results a[href^="#picture-"]');
    if (!name) return;
    event.preventDefault();
    event.stopPropagation();
    setTriggerValue('opened', Number(name.getAttribute('href').slice('#picture-'.length)) - 1);
    document.querySelector('.st-key-upload_chooser')?.scrollIntoView({ block: 'start' });
  };
  document.addEventListener('click', open, true);
  return () => document.removeEventListener('click', open, true);
}
