// A page with something to keep on paper.
document.querySelector('[data-print]')?.addEventListener('click', () => print());
