/**
 * What files of tests hold.
 *
 * A file names an agent or a workflow and cases for it.
 *
 * @module
 */

import type { Json, JsonObject } from "../model/json.ts";
import type { PhaseName } from "../model/phase.ts";
import type { LocatedDiagnostic } from "./located.ts";

/** Cases of one file at the most. */
export const TEST_CASES_MAX = 1000;

/** What a value must be; all that is given must hold. */
export interface Matcher {
  /** Texts that it must hold; of what is no text, its JSON. */
  readonly contains?: readonly string[];
  /** Regular expressions of JavaScript that must find something in it. */
  readonly matches?: readonly RegExp[];
  readonly equals?: Json;
  /** What it must have, more is fine: members by key, each a matcher. */
  readonly has?: Readonly<Record<string, Matcher>>;
  /** JSON Schema that it must fit. */
  readonly schema?: JsonObject | boolean;
  /** What it must not be. */
  readonly not?: Matcher;
}

/** A tool call that is expected. */
export interface CallExpectation {
  /** The name that models see; `*` stands for any letters, `?` for one. */
  readonly tool: string;
  readonly arguments?: Matcher;
  /** How often it is made in the whole run; absent means once or more. */
  readonly times?: number;
}

/** The tool calls that are expected. */
export interface CallsExpectation {
  /** Whether no other call may be made. */
  readonly only: boolean;
  readonly calls: readonly CallExpectation[];
}

/** What a run may use. */
export interface UsageLimits {
  readonly turns?: number;
  readonly toolCalls?: number;
  /** Read and written. */
  readonly tokens?: number;
  readonly costUsd?: number;
  readonly durationMs?: number;
}

/** What must come of a case. */
export interface Expectations {
  readonly status: PhaseName;
  readonly output?: Matcher;
  readonly error?: Matcher;
  readonly toolCalls?: CallsExpectation;
  readonly limits: UsageLimits;
}

/** Where the answers of the models come from. */
export type ModelSource =
  /** From the models that the definitions name, if they are scripts. */
  | { readonly kind: "own" }
  | { readonly kind: "script"; readonly file: string }
  | { readonly kind: "cassette"; readonly file: string }
  /** From a real one, which costs. */
  | { readonly kind: "model"; readonly name: string };

/** A stretch of a file, in UTF-16 units. */
export interface TextSpan {
  readonly start: number;
  readonly end: number;
}

/** What is tested: a resource of a file. */
export interface TestTarget {
  readonly kind: "Agent" | "Workflow";
  readonly file: string;
  /** Which one; absent when the file has one alone. */
  readonly name?: string;
  /** Where it is named. */
  readonly span: TextSpan;
}

/** One case. */
export interface TestCase {
  readonly name: string;
  /** Where it stands in its file, from 1. */
  readonly line: number;
  readonly span: TextSpan;
  readonly target: TestTarget;
  /** Further files and folders whose resources it needs. */
  readonly definitions: readonly string[];
  /** Folders of skills that it needs. */
  readonly skills: readonly string[];
  /** What is said to an agent, one after another in one session. */
  readonly messages: readonly string[];
  readonly input?: Json;
  readonly model: ModelSource;
  /** A folder whose copy the case works in. */
  readonly workspace?: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Values of secrets, as `${VARIABLE}`. */
  readonly secrets: Readonly<Record<string, SecretSource>>;
  readonly timeoutMs?: number;
  /** Whether calls are made that a person is to be asked about; default all. */
  readonly approve?: "all" | "none";
  /** Why it is not run; absent when it is. */
  readonly skip?: string;
  readonly expect: Expectations;
}

/** Where a secret of a case comes from: a variable, or else a made-up value. */
export interface SecretSource {
  readonly variable: string;
  readonly otherwise?: string;
}

/** What is wrong with a case, and the way out. */
export interface TestFault {
  readonly message: string;
  readonly hint?: string | undefined;
}

/** A file of tests. */
export interface TestFile {
  readonly file: string;
  readonly cases: readonly TestCase[];
  /** Tells what is wrong at a stretch of it. */
  locate(span: TextSpan, fault: TestFault): LocatedDiagnostic;
}
