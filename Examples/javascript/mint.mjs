#!/usr/bin/env node
// Mints an enrollment token through the gateway and prints when it ends and what it is.
//
//     node mint.mjs [VALIDITY_SECONDS [KIND]]
//
// GATEWAY_URL, GATEWAY_API_KEY and PROFILE_ID come from the environment: a key on a command line is shown to everybody who
// lists the processes. Ends with 0 if it was created, 1 if not, 2 if that is unknown, 64 if it was called wrongly.

import { Gateway } from './enrollment.mjs';

const { GATEWAY_URL: url, GATEWAY_API_KEY, PROFILE_ID: profileId } = process.env;
const apiKey = GATEWAY_API_KEY?.trim();
const [validity, kind, ...rest] = process.argv.slice(2);

function end(exitCode, text) {
  console.error(text);
  process.exit(exitCode);
}

// What cannot be a header would be shown in an error's text.
if (!url || !profileId || !/^[!-~]+$/.test(apiKey ?? '')) end(64, 'GATEWAY_URL, GATEWAY_API_KEY, PROFILE_ID must be set');
if (rest.length || !/^\d*$/.test(validity ?? '')) end(64, 'usage: node mint.mjs [VALIDITY_SECONDS [KIND]]');

const result = await new Gateway({ url, apiKey, profileId, kind }).mint(Number(validity ?? 0));
switch (result.outcome) {
  case 'created':
    console.log(`created ${result.expiresAt}`);
    if (result.value) console.log(result.value);
    else console.error('no value yet: look at the profile');
    break;
  case 'not-created':
    end(1, `not created: ${result.code}: ${result.detail}`);
    break;
  default:
    end(2, `unknown: ${result.detail}; look at the profile before you mint again`);
}
