'use strict';

// The form: a new token, the present one, its end; and what is on the page for it.

const PENDING_READS = 8; // of a profile that is slow to show a new token
const PENDING_PAUSE = 2500; // milliseconds between them
const WORD_AFTER = 400; // milliseconds
const NEXT_WORD_AFTER = 10; // seconds
const SAME_TOKEN = 5000; // milliseconds by which two accounts of one token's end may differ

const shown = new ShownToken();
const actions = [...document.querySelectorAll('#try button[data-action]')];
let isAtWork = false;

/** Does one thing at a time, and says so for as long. */
async function work(button, task) {
  if (isAtWork) return;
  isAtWork = true;
  // Not `disabled`: that would take the focus away.
  for (const action of actions) action.setAttribute('aria-disabled', 'true');
  button.setAttribute('aria-busy', 'true');
  const say = (word) => { byId('working').textContent = word; };
  // What is quickly done needs no word.
  const word = setTimeout(say, WORD_AFTER, phrase('asking'));
  let seconds = 0;
  const words = setInterval(() => say(phrase('stillAsking', seconds += NEXT_WORD_AFTER)), NEXT_WORD_AFTER * 1000);
  try {
    await task();
  } finally {
    isAtWork = false;
    clearTimeout(word);
    clearInterval(words);
    say('');
    for (const action of actions) action.removeAttribute('aria-disabled');
    button.removeAttribute('aria-busy');
    // It was lost with a button that went away, unless it went on to what came of it.
    if (document.activeElement === document.body) button.focus();
  }
}

/** A second click of a double one is none: the first may have been answered between them. */
function onClick(id, task) {
  byId(id).addEventListener('click', (event) => {
    if (event.detail <= 1) task(event.currentTarget);
  });
}

const on = (id, task) => onClick(id, (button) => work(button, task));

// What was filled in

/** Says what is wrong with a field, and goes there. */
function complain(field, name) {
  const place = byId(`${field}-complaint`);
  place.textContent = name ? phrase(name) : '';
  place.hidden = !name;
  byId(field).setAttribute('aria-invalid', String(Boolean(name)));
  if (name) byId(field).focus();
  return undefined;
}

function apiKey() {
  const key = byId('key').value.trim();
  if (!key) return complain('key', 'keyMissing');
  // The browser would send none of these.
  if (!/^[!-~]+$/.test(key)) return complain('key', 'keyOdd');
  complain('key');
  return key;
}

function chosenProfile() {
  complain('profile');
  complain('profile-id');
  if (byId('by-id').open) {
    const id = byId('profile-id').value.trim();
    return id ? { id, kind: byId('kind').value } : complain('profile-id', 'idMissing');
  }
  const option = byId('profile').selectedOptions[0];
  if (!option?.value) {
    const hasChoice = byId('profile').querySelector('optgroup');
    return complain('profile', hasChoice ? 'profileUnchosen' : 'profileMissing');
  }
  return { id: option.value, kind: option.dataset.kind, name: option.dataset.name };
}

/** Empty is the operator's own. */
function validity() {
  const field = byId('validity');
  if (field.validity.badInput || !/^\d*$/.test(field.value.trim())) return complain('validity', 'validityOdd');
  complain('validity');
  return field.value.trim() ? { tokenValidityInSeconds: Number(field.value) } : {};
}

// The token

function mint() {
  const key = apiKey();
  const profile = key && chosenProfile();
  const body = profile && validity();
  if (!body) return undefined;
  shown.clear();
  return carryOut(wishOf(key, {
    method: 'POST',
    path: tokenPath(profile),
    fields: { 'Content-Type': 'application/json', Prefer: 'return=representation' },
    body: JSON.stringify(body),
    isDone: (answer) => [200, 201].includes(answer.status) && answer.json,
    done: (answer) => showMinted(answer, profile, key),
  }));
}

function showMinted(answer, profile, key) {
  const { representation, ...token } = answer.json;
  // What the profile shows now is another's: not to be shown as this one, and not to be revoked in its place.
  if (representation === 'replaced') Object.assign(token, { status: 'replaced', value: undefined });
  const notes = { pending: 'pending', replaced: 'replaced' };
  const round = shown.show('minted', profile, token, {
    note: notes[representation] ? phrase(notes[representation]) : '',
    isReplayed: answer.isReplayed,
  });
  // Nobody has to wait for these.
  if (token.value) shown.drawPicture(key, round);
  else if (representation === 'pending') readPending(key, profile, token, round);
}

/** Reads the profile until it shows the token that was made, and not the one before. */
async function readPending(key, profile, token, round) {
  let pause = PENDING_PAUSE;
  const giveUp = (said) => {
    shown.say(said);
    shown.offer(() => {
      shown.say(phrase('pending'));
      return readPending(key, profile, token, round);
    });
  };
  let hasOther = false;
  for (let reads = 0; reads < PENDING_READS; reads++) {
    await wait(pause);
    if (!shown.isCurrent(round)) return;
    const answer = await call(key, 'GET', tokenPath(profile), { Accept: 'application/json' });
    if (!shown.isCurrent(round)) return;
    const isSame = Math.abs(Date.parse(answer.json?.expiresAt) - Date.parse(token.expiresAt)) <= SAME_TOKEN;
    if (answer.status === 200 && answer.json?.value && isSame) {
      shown.say('');
      shown.takeValue(answer.json.value);
      shown.drawPicture(key, round);
      return;
    }
    hasOther = answer.status === 200 && Boolean(answer.json?.value);
    if (hasOther && isLater(answer.json, token)) return void shown.beReplaced(phrase('replaced'));
    if (!answer.problem && (answer.lost || answer.status !== 200 || !answer.json)) {
      return void giveUp(phrase(answer.lost ? 'pendingLost' : 'pendingForeign'));
    }
    const { problem, retryAfter } = answer;
    if (problem && !retryAfter) {
      const said = phrase('pendingRefused', problem.code);
      return void (problem.status >= 500 ? giveUp(said) : shown.say(said));
    }
    if (retryAfter > LONGEST_PAUSE) return void giveUp(`${phrase('stillPending')} ${phrase('waitFor', retryAfter)}`);
    pause = Math.max(PENDING_PAUSE, (retryAfter ?? 0) * 1000);
    shown.say(retryAfter ? phrase('pendingLater', problem.code, retryAfter) : phrase('pending'));
  }
  giveUp(phrase(hasOther ? 'otherShown' : 'stillPending'));
}

/** Whether the other one was made after it. Where that is not told it is not known: one that was made before may end later. */
function isLater(other, token) {
  return Date.parse(other.createdAt) - Date.parse(token.createdAt) > SAME_TOKEN;
}

async function showPresent() {
  const key = apiKey();
  const profile = key && chosenProfile();
  if (!profile) return;
  hideProblem();
  shown.clear();
  const answer = await call(key, 'GET', tokenPath(profile), { Accept: 'application/json' });
  if (answer.lost || answer.status !== 200 || !answer.json) return void showProblem(answer, showPresent);
  const token = answer.json;
  const note = { none: 'noneNote', expired: 'expiredNote' }[token.status] ?? (token.value ? undefined : 'valueNotShown');
  const round = shown.show('present', profile, token, { note: note ? phrase(note) : '' });
  if (token.value) shown.drawPicture(key, round);
}

// The end of a token

function askWhetherToRevoke(isAsked) {
  byId('revoke').hidden = isAsked;
  byId('revoke-question').hidden = !isAsked;
  byId(isAsked ? 'revoke-text' : 'revoke').focus();
}

function revoke() {
  const key = apiKey();
  if (!key) return undefined;
  askWhetherToRevoke(false);
  return carryOut(wishOf(key, {
    method: 'DELETE',
    path: tokenPath(shown.profile),
    fields: {},
    // To revoke the next token is another wish.
    subject: shown.ends,
    isDone: (answer) => answer.status === 204,
    done: (answer) => shown.showRevoked(answer.isReplayed),
  }));
}

// The page

on('load-profiles', loadProfiles);
on('mint', mint);
on('show-token', showPresent);
on('revoke-confirm', revoke);
on('ask-again', askAgain);
onClick('try-again', () => shown.takeOffer());
onClick('revoke', () => { if (!isAtWork) askWhetherToRevoke(true); });
onClick('revoke-cancel', () => askWhetherToRevoke(false));
byId('revoke-question').addEventListener('keydown', ({ key }) => { if (key === 'Escape') askWhetherToRevoke(false); });
makeCopyButton(byId('copy'), byId('token'));

byId('key').addEventListener('keydown', ({ key }) => { if (key === 'Enter') byId('load-profiles').click(); });
byId('show-key').addEventListener('click', ({ currentTarget: button }) => {
  const isShown = byId('key').type === 'text';
  byId('key').type = isShown ? 'password' : 'text';
  button.setAttribute('aria-pressed', String(!isShown));
});
const sandboxButton = byId('use-sandbox-key');
sandboxButton?.addEventListener('click', () => {
  byId('key').value = sandboxButton.dataset.key;
  byId('load-profiles').click();
});
if (sandboxButton) sandboxButton.hidden = false;

byId('profile').addEventListener('change', () => {
  byId('by-id').open = false;
  describeProfile();
});
byId('by-id').addEventListener('toggle', () => {
  if (byId('by-id').open) byId('profile').value = '';
  describeProfile();
});

for (const preset of document.querySelectorAll('button[data-seconds]')) {
  preset.addEventListener('click', () => {
    byId('validity').value = preset.dataset.seconds;
    markPreset();
  });
}
byId('validity').addEventListener('input', markPreset);
function markPreset() {
  for (const preset of document.querySelectorAll('button[data-seconds]')) {
    preset.setAttribute('aria-pressed', String(preset.dataset.seconds === byId('validity').value));
  }
}

// A browser may keep a page that was left as it was.
addEventListener('pagehide', () => {
  shown.clear();
  hideProblem();
  openWishes.clear();
  byId('key').value = '';
});

markPreset();
byId('try').hidden = false;
