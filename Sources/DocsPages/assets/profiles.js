'use strict';

// The list of profiles, for who may see it.

const PAGES = 20; // of profiles, for each kind; a page has 100

async function loadProfiles() {
  const key = apiKey();
  if (!key) return;
  hideProblem();
  byId('profiles-said').textContent = phrase('loading');
  const groups = [];
  let refused = 0;
  let hasMore = false;
  let failure;
  for (const { value: kind } of byId('kind').options) {
    const list = await profiles(key, kind);
    hasMore ||= list.hasMore;
    if (list.profiles.length) groups.push({ kind, profiles: list.profiles });
    if (list.failure?.problem?.code === 'permission-denied') refused++;
    else failure ??= list.failure;
    if (failure) break;
  }
  fillProfiles(groups);
  const count = groups.reduce((sum, group) => sum + group.profiles.length, 0);
  const isRefused = refused === byId('kind').options.length;
  let said = count ? phrase(hasMore ? 'loadedSome' : 'loaded', count) : phrase('noProfiles');
  if (isRefused) said = phrase('mayNotList');
  else if (failure) said = count ? phrase('loadedPart', count, reasonOf(failure)) : phrase('notLoaded');
  byId('profiles-said').textContent = said;
  if (failure) return showProblem(failure, loadProfiles);
  const isByID = !count || (byId('by-id').open && byId('profile-id').value.trim() !== '');
  byId('by-id').open = isByID;
  byId(isByID ? 'profile-id' : 'profile').focus();
}

const reasonOf = ({ problem, lost }) => problem?.code ?? phrase(lost ? 'lostHeading' : 'foreignHeading');

async function profiles(key, kind) {
  const found = { profiles: [], hasMore: false };
  let cursor;
  for (let page = 0; page < PAGES; page++) {
    const query = new URLSearchParams({ kind, limit: 100, ...(cursor && { cursor }) });
    const answer = await call(key, 'GET', `/profiles?${query}`, { Accept: 'application/json' });
    if (answer.lost || answer.status !== 200 || !Array.isArray(answer.json?.profiles)) return { ...found, failure: answer };
    found.profiles.push(...answer.json.profiles);
    cursor = answer.json.nextCursor;
    if (!cursor) return found;
  }
  return { ...found, hasMore: true };
}

/** Names are other people's: marks of direction in them end with them, and a long one is cut in the list. */
function nameInList(profile) {
  const name = String(profile.displayName ?? '').replace(/[\u202A-\u202E\u2066-\u2069]/g, '').replace(/\s+/g, ' ').trim();
  const letters = [...(name || profile.id)];
  const shortened = letters.length > 80 ? [...letters.slice(0, 79), '…'] : letters;
  return `\u2068${shortened.join('')}\u2069`;
}

/** Who had made a choice keeps it; the page makes one of its own only where there is nothing to choose. */
function fillProfiles(groups) {
  const before = byId('profile').selectedOptions[0];
  const groupElements = groups.map(({ kind, profiles }) => {
    const options = profiles.map((profile) => {
      const option = make('option', nameInList(profile), { value: profile.id });
      option.dataset.kind = kind;
      option.dataset.name = profile.displayName ?? '';
      return option;
    });
    return make('optgroup', options, { label: kind });
  });
  const none = make('option', phrase(groups.length ? 'choose' : 'loadFirst'), { value: '' });
  byId('profile').replaceChildren(none, ...groupElements);
  const options = [...byId('profile').querySelectorAll('optgroup option')];
  const isSame = ({ value, dataset }) => value === before?.value && dataset.kind === before.dataset.kind;
  const chosen = options.find(isSame) ?? (options.length === 1 && !byId('by-id').open ? options[0] : undefined);
  if (chosen) chosen.selected = true;
  describeProfile();
}

/** The list cuts names; here is the whole one. */
function describeProfile() {
  const option = byId('profile').selectedOptions[0];
  const isChosen = Boolean(option?.value);
  byId('profile-facts').hidden = !isChosen;
  if (isChosen) byId('profile-facts').replaceChildren(make('bdi', option.dataset.name), ' ', make('code', option.value));
}
