/**
 * What other programs call a command, and what there is here.
 *
 * @module
 */

import { type Noun, NOUNS } from "./tree.ts";

/** Nouns that share a verb, when all of them are named. */
const NOUNS_MAX = 3;

/** What does here what a command of that name does elsewhere. */
export const HABITS: Readonly<Record<string, string>> = {
  "api-resources": "List the kinds that there are with: stigmer explain",
  auth: "Log in to a server with: stigmer login",
  create:
    "Store what files say with: stigmer apply -f FILE, or write it by flags with: stigmer agent create",
  dashboard: "Look at what runs with: stigmer top",
  describe:
    "Show a resource with: stigmer get KIND NAME; what a kind is made of with: stigmer explain KIND",
  dev: "Run a file without storing it with: stigmer run FILE",
  edit:
    "Print it with: stigmer get KIND NAME -o yaml, change that, and store it with: stigmer apply -f FILE",
  exec: "Run a workflow or an agent with: stigmer run NAME",
  execute: "Run a workflow or an agent with: stigmer run NAME",
  inspect: "Show a resource with: stigmer get KIND NAME -o yaml",
  kill: "Cancel a run with: stigmer execution cancel ID",
  lint: "Check files with: stigmer validate FILE",
  list: "List a kind with: stigmer get KIND, as in: stigmer get agents",
  ls: "List a kind with: stigmer get KIND, as in: stigmer get agents",
  ps: "List runs with: stigmer execution list",
  rm: "Delete resources with: stigmer delete KIND NAME",
  remove: "Delete resources with: stigmer delete KIND NAME",
  rollout: "List versions with: stigmer agent versions NAME",
  serve: "Serve others with: stigmer server",
  show: "Show a resource with: stigmer get KIND NAME",
  start: "Run a workflow or an agent with: stigmer run NAME",
  status:
    "Show the backend with: stigmer backend status; runs with: stigmer execution list",
  stop: "Cancel a run with: stigmer execution cancel ID",
  update:
    'Did you mean "upgrade"? What files say is stored with: stigmer apply -f FILE',
  "self-update": "Bring Stigmer up to date with: stigmer upgrade",
  whoami: "Show who you are to the backend with: stigmer backend status",
};

/** Verbs of other programs, by the names that ours may have. */
const VERBS: Readonly<Record<string, readonly string[]>> = {
  add: ["create", "push"],
  answer: ["respond"],
  describe: ["get"],
  edit: ["update", "set"],
  exec: ["execute"],
  inspect: ["get"],
  kill: ["cancel"],
  new: ["create", "push"],
  remove: ["delete", "revoke"],
  reply: ["respond"],
  show: ["get", "status"],
  start: ["execute", "resume"],
  stop: ["cancel", "pause"],
  view: ["get"],
};

/** Says what does what a command of that name does elsewhere, if it is known. */
export function habitOf(word: string): string | undefined {
  return Object.hasOwn(HABITS, word) ? HABITS[word] : verbHint(word);
}

/** Says which verb of a noun, or of another one, has a word in its place. */
export function verbHabitOf(
  name: string,
  noun: Noun,
  word: string,
): string | undefined {
  const meant = Object.hasOwn(VERBS, word) ? VERBS[word] ?? [] : [];
  const own = meant.find((it) => Object.hasOwn(noun.verbs, it));
  return own === undefined ? verbHint(word) : didYouMean([`${name} ${own}`]);
}

/** A verb whose noun was left out: `cancel` is `execution cancel`. */
function verbHint(word: string): string | undefined {
  const found = Object.entries(NOUNS)
    .filter(([, { verbs }]) => Object.hasOwn(verbs, word))
    .map(([noun]) => `${noun} ${word}`);
  return found.length === 0 || found.length > NOUNS_MAX
    ? undefined
    : didYouMean(found);
}

function didYouMean(commands: readonly string[]): string {
  return `Did you mean "${commands.join('" or "')}"?`;
}
