'use strict';

// What every page of the reference has: copy buttons, and the name by which this gateway was asked for.

for (const place of document.querySelectorAll('[data-origin]')) place.textContent = location.origin;

/** Puts an element's text into the clipboard. Where the browser does not let it, the text is selected for the person to copy. */
async function copyTextOf(element) {
  const answer = document.getElementById('copied');
  // The same answer twice is read aloud twice.
  answer.textContent = '';
  try {
    await navigator.clipboard.writeText(element.textContent);
    answer.textContent = answer.dataset.copied;
  } catch {
    // There is no clipboard on plain http beyond localhost.
    getSelection().selectAllChildren(element);
    answer.textContent = answer.dataset.selected;
  }
  return answer.textContent;
}

/** Makes a button copy, and say for a moment that it has. */
function makeCopyButton(button, element) {
  const text = button.textContent;
  const name = button.getAttribute('aria-label') ?? text;
  let reset;
  button.hidden = false;
  button.addEventListener('click', async () => {
    button.textContent = await copyTextOf(element);
    button.removeAttribute('aria-label');
    clearTimeout(reset);
    reset = setTimeout(() => {
      button.textContent = text;
      button.setAttribute('aria-label', name);
    }, 4000);
  });
}

for (const button of document.querySelectorAll('button[data-copies]')) {
  makeCopyButton(button, document.getElementById(button.dataset.copies));
}
