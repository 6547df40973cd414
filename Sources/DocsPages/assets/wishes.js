'use strict';

// A wish: a request that may change something, and its repetitions, which are one thing to the gateway.

// Those of which it is not known what came of them. Wished once more, each is the same one.
const openWishes = new Map();

/**
 * The wish as it is to be sent: a new one, or the same one that is open.
 *
 * Its API key stays with it. With another caller's, the same Idempotency-Key would be another wish to the gateway.
 */
function wishOf(apiKey, wish) {
  const identity = JSON.stringify([apiKey, wish.method, wish.path, wish.body, wish.subject]);
  const open = openWishes.get(identity);
  return { ...wish, apiKey, identity, idempotencyKey: open?.idempotencyKey ?? freshUUID(), isUnknown: Boolean(open) };
}

/** What came of it is known; of older ones about the profile it does not matter any more. */
function settle(wish) {
  for (const [identity, { path }] of openWishes) if (path === wish.path) openWishes.delete(identity);
}

async function carryOut(wish) {
  hideProblem();
  const isFirst = !wish.isSent && !wish.isUnknown;
  wish.isSent = true;
  let answer = await send(wish);
  if (isFirst && answer.problem?.code === 'idempotency-unavailable') {
    // This gateway has no memory for such a key, and has done nothing. Only then: an earlier request may have done something.
    wish.idempotencyKey = undefined;
    answer = await send(wish);
  }
  if (!answer.lost && wish.isDone(answer)) {
    settle(wish);
    return wish.done(answer);
  }
  const isUnknown = !answer.problem || answer.problem.outcome === 'unknown';
  // What is unknown once stays so, whatever a repetition is refused for, until the answer is about the first request itself.
  wish.isUnknown = isUnknown || (wish.isUnknown && !answer.isReplayed);
  if (!wish.isUnknown) openWishes.delete(wish.identity);
  else if (wish.idempotencyKey) openWishes.set(wish.identity, wish);
  const mayRepeat = wish.idempotencyKey || (answer.retryAfter && !wish.isUnknown);
  return showProblem(answer, mayRepeat ? () => carryOut(wish) : undefined, wish);
}

function send(wish) {
  const fields = { ...wish.fields };
  if (wish.idempotencyKey) fields['Idempotency-Key'] = wish.idempotencyKey;
  return call(wish.apiKey, wish.method, wish.path, fields, wish.body);
}
