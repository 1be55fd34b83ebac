/**
 * The tokens of expressions are those of jq.
 *
 * @module
 */

export { type Token, tokenize, type TokenizeOptions } from "../jq/lexer.ts";
