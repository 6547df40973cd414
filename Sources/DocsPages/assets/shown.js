'use strict';

// What is shown of an enrollment token: its value, its QR code, how long it is good for. None of it stays when it has ended.

const EXPIRING = Number(byId('result').dataset.expiringSeconds); // the operator's
const PICTURE_TRIES = 6;
const LONGEST_PAUSE = 30; // seconds; who would have to wait longer is told so

class ShownToken {
  #round = 0; // another one is shown as soon as it is another number
  #token;
  #profile;
  #picture;
  #clock;
  #offered; // what trying again does

  get profile() { return this.#profile; }

  /** Its end, as the gateway says it. */
  get ends() { return this.#token?.expiresAt; }

  /** Whether the token is still the one of that round. */
  isCurrent(round) { return round === this.#round; }

  /**
   * Shows what an answer tells of a profile's token, and moves there.
   *
   * @returns the round, for what comes later of the same token
   */
  show(heading, profile, token, { note = '', isReplayed = false } = {}) {
    this.clear();
    const round = this.#round;
    this.#profile = profile;
    // Neither the value nor what the QR code holds stays here.
    const { value, qrCodeContent, ...facts } = token;
    this.#token = facts;
    byId('result-heading').textContent = phrase(heading);
    this.say(note);
    this.#writeFacts(isReplayed);
    this.takeValue(value);
    const isOver = ['none', 'expired', 'replaced'].includes(token.status);
    byId('revoking').hidden = isOver;
    byId('result').hidden = false;
    if (token.expiresAt && !isOver) this.#clock = setInterval(() => this.#tick(), 1000);
    this.#tick();
    byId('result-heading').focus();
    return round;
  }

  say(note) { byId('result-note').textContent = note; }

  /** Offers to do what did not come to an end, or takes the offer back. */
  offer(task) {
    this.#offered = task;
    byId('try-again').hidden = !task;
  }

  /** Nobody has to wait for what it does. */
  takeOffer() {
    const task = this.#offered;
    byId('result-heading').focus();
    this.offer(undefined);
    task?.();
  }

  takeValue(value) {
    byId('token').textContent = value ?? '';
    byId('value').hidden = !value;
  }

  /** Draws the QR code; the profile may show a new token some seconds late. */
  async drawPicture(apiKey, round) {
    for (let tries = 1; this.isCurrent(round); tries++) {
      const answer = await call(apiKey, 'GET', tokenPath(this.#profile, '/qr-code'), { Accept: 'image/svg+xml' });
      if (!this.isCurrent(round)) return;
      if (answer.status === 200 && answer.blob && !answer.lost) return this.#showPicture(answer.blob);
      const isLast = !answer.retryAfter || answer.retryAfter > LONGEST_PAUSE || tries === PICTURE_TRIES;
      if (isLast) return this.#sayNoPicture(answer, () => this.#drawAgain(apiKey, round));
      this.#sayOfPicture(phrase('pictureLater', answer.problem.code, answer.retryAfter));
      await wait(answer.retryAfter * 1000);
    }
  }

  #drawAgain(apiKey, round) {
    this.#sayOfPicture(phrase('asking'));
    return this.drawPicture(apiKey, round);
  }

  #showPicture(blob) {
    this.#picture = URL.createObjectURL(blob);
    byId('picture').prepend(make('img', [], { id: 'qr', alt: phrase('pictureName'), src: this.#picture }));
    byId('picture').hidden = false;
    this.#sayOfPicture('');
  }

  #sayOfPicture(text) { byId('no-picture').textContent = text; }

  #sayNoPicture(answer, again) {
    const code = answer.problem?.code;
    let said = phrase('noPicture', code);
    if (!answer.problem) said = phrase(answer.lost ? 'noPictureLost' : 'noPictureForeign');
    if (code === 'permission-denied') said = phrase('noPictureRight');
    if (answer.retryAfter) said = `${said} ${phrase('waitFor', answer.retryAfter)}`;
    this.#sayOfPicture(said);
    if (!answer.problem || answer.retryAfter || answer.status >= 500) this.offer(again);
  }

  /** What it shows is not the profile's any more. */
  beReplaced(note) {
    this.#end(note);
    this.#token.status = 'replaced';
    this.#tick();
  }

  /** What was revoked is gone from the page. */
  showRevoked(isReplayed) {
    this.show('revoked', this.#profile, { status: 'none', isRevoked: true }, { note: phrase('revokedNote'), isReplayed });
  }

  /** Takes all of it out of the page. */
  clear() {
    this.#round++;
    clearInterval(this.#clock);
    this.#forgetSecrets();
    this.#token = undefined;
    byId('result').hidden = true;
    byId('facts').replaceChildren();
    this.say('');
    this.#sayOfPicture('');
    this.offer(undefined);
    byId('revoke-question').hidden = true;
    byId('revoke').hidden = false;
  }

  #forgetSecrets() {
    this.takeValue(undefined);
    byId('qr')?.remove();
    byId('picture').hidden = true;
    if (this.#picture) URL.revokeObjectURL(this.#picture);
    this.#picture = undefined;
  }

  #tick() {
    const ends = Date.parse(this.#token.expiresAt ?? '');
    const left = Math.max(0, Math.ceil((ends - gatewayTime()) / 1000));
    const { status } = this.#token;
    let state = status ?? 'active';
    if (!['none', 'replaced'].includes(state) && left <= 0) state = 'expired';
    if (state === 'active' && left < EXPIRING) state = 'expiring';
    if (state === 'expired') this.#end(phrase('expiredNote'));
    if (this.#token.isRevoked) state = 'revoked';

    const place = byId('state');
    if (place.dataset.state !== state) {
      place.dataset.state = state;
      place.className = `state ${{ active: 'good', expiring: 'fair', expired: 'bad' }[state] ?? 'quiet'}`;
      byId('state-word').textContent = phrase(`state-${state}`);
    }
    byId('countdown').textContent = ['active', 'expiring'].includes(state) && left ? phrase('endsIn', duration(left)) : '';
  }

  /** Takes out what is of no use any more, and says why. */
  #end(note) {
    clearInterval(this.#clock);
    this.#round++;
    this.#keepFocus();
    this.#forgetSecrets();
    this.say(note);
    this.#sayOfPicture('');
    this.offer(undefined);
    byId('revoking').hidden = true;
  }

  /** Whoever is at something that goes away is led to the heading, and not to the page's beginning. */
  #keepFocus() {
    const going = ['value', 'try-again', 'revoking'].map(byId);
    if (going.some((element) => element.contains(document.activeElement))) byId('result-heading').focus();
  }

  #writeFacts(isReplayed) {
    const token = this.#token;
    const { id, kind, name } = this.#profile;
    const facts = [
      ['factProfile', [make('bdi', name ?? ''), ' ', make('code', id)]],
      ['factKind', make('code', kind)],
    ];
    if (token.createdAt) facts.push(['factCreated', moment(token.createdAt)]);
    if (token.expiresAt) facts.push(['factEnds', moment(token.expiresAt)]);
    if (token.graphRequestId) facts.push(['factGraph', make('code', token.graphRequestId)]);
    if (isReplayed) facts.push(['factReplayed', phrase('replayed')]);
    byId('facts').replaceChildren(...facts.flatMap(([name, value]) => [make('dt', phrase(name)), make('dd', value)]));
  }
}

/** A time of the gateway's, as people here write it. */
function moment(text) {
  const date = new Date(text);
  if (Number.isNaN(date.getTime())) return make('code', String(text));
  const shown = date.toLocaleString(document.documentElement.lang, { dateStyle: 'medium', timeStyle: 'long' });
  return make('time', shown, { datetime: text });
}

function duration(seconds) {
  const two = (number) => String(number).padStart(2, '0');
  const days = Math.floor(seconds / 86_400);
  const clock = `${two(Math.floor(seconds / 3600) % 24)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  return days ? phrase('days', days, clock) : clock;
}

function tokenPath(profile, more = '') {
  return `/profiles/${encodeURIComponent(profile.id)}/token${more}?kind=${encodeURIComponent(profile.kind)}`;
}
