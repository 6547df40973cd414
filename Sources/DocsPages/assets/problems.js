'use strict';

// Why there is no result: the gateway's problem with what its code means, an answer that is not the gateway's, or none.

let waiting; // the countdown to when it makes sense to ask again
let repeat; // what asking again does

function hideProblem() {
  clearInterval(waiting);
  repeat = undefined;
  byId('problem').hidden = true;
  delete byId('problem').dataset.code;
}

/**
 * Shows why there is no result, and moves there.
 *
 * @param again what to do to ask again, where that may be done
 * @param wish of a request that may change something
 */
function showProblem(answer, again, wish = {}) {
  const { problem } = answer;
  const kind = problem ? problem.code : answer.lost ? 'lost' : 'foreign';
  byId('problem').dataset.code = kind;
  const explanation = problem && explanationOf(problem.code);
  const title = explanation?.dataset.title;
  byId('problem-heading').textContent = title || (problem ? String(problem.title) : phrase(`${kind}Heading`));
  // Problems are written in English.
  const own = document.documentElement.lang;
  byId('problem-heading').lang = problem && !title ? 'en' : own;
  byId('problem-detail').lang = problem ? 'en' : own;
  byId('problem-detail').textContent = detailOf(answer);
  const unknown = wish.idempotencyKey ? 'unknownWithKey' : 'unknownWithoutKey';
  byId('problem-unknown').textContent = wish.isUnknown ? phrase(unknown) : '';
  byId('problem-explanation').replaceChildren(...(explanation ? [explanation] : []));
  byId('problem-document').hidden = !problem;
  byId('problem-json').textContent = problem ? JSON.stringify(problem, null, 2) : '';
  writeProblemFacts(answer);
  offerRepeat(again, answer, wish);
  byId('problem').hidden = false;
  byId('problem-heading').focus();
}

function detailOf({ problem, lost, status }) {
  if (problem) return String(problem.detail ?? '');
  return lost ? phrase('lostDetail') : phrase('foreignDetail', status || '–');
}

function explanationOf(code) {
  const all = [...byId('explanations').content.children];
  return all.find((one) => one.dataset.code === code)?.cloneNode(true);
}

function writeProblemFacts({ problem, status, requestId, retryAfter, text }) {
  const facts = [];
  const add = (name, value) => { if (value) facts.push(make('dt', phrase(name)), make('dd', make('code', String(value)))); };
  add('factStatus', status);
  add('factCode', problem?.code);
  add('factOutcome', problem?.outcome);
  add('factMember', problem?.member);
  add('factRetry', retryAfter);
  add('factRequest', problem?.requestId ?? requestId);
  add('factGraph', problem?.graph?.requestId);
  add('factGraphCode', problem?.graph?.code);
  if (!problem) add('factText', text?.slice(0, 300));
  byId('problem-facts').replaceChildren(...facts);
}

function offerRepeat(again, { retryAfter, problem }, { isUnknown }) {
  const makesSense = again && (retryAfter || isUnknown || !problem || problem.status >= 500);
  repeat = again;
  let left = retryAfter ?? 0;
  const tell = () => {
    byId('wait').textContent = left > 0 ? phrase('waitFor', left) : '';
    // Read aloud when the wait is over; the seconds before are not.
    byId('wait-over').textContent = makesSense && retryAfter && left <= 0 ? phrase('askNow') : '';
    byId('ask-again').hidden = !makesSense || left > 0;
    if (left-- <= 0) clearInterval(waiting);
  };
  tell();
  if (retryAfter) waiting = setInterval(tell, 1000);
}

const askAgain = () => repeat?.();
