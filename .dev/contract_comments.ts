/**
 * Writes `gen/contract_comments.json`: what the contract says of its messages,
 * fields, enums, values and calls. The code that buf generates keeps these as
 * comments, which the program cannot read.
 *
 * @module
 */

import { buf } from "./buf.ts";
import { outputOf } from "./command.ts";

/** Where the comments stand, below the repository. */
export const COMMENTS_PATH = "gen/contract_comments.json";
/** Whose comments are ours: those of Google's types are known to everyone. */
const PACKAGE = "stigmer.backend.v1";

/** A file of a buf image in JSON, as far as it is read. */
interface ImageFile {
  readonly package?: string;
  readonly messageType?: readonly ImageMessage[];
  readonly enumType?: readonly ImageEnum[];
  readonly service?: readonly ImageService[];
  readonly sourceCodeInfo?: { readonly location?: readonly Location[] };
}

interface ImageMessage {
  readonly name: string;
  readonly field?: readonly Named[];
  readonly nestedType?: readonly ImageMessage[];
  readonly enumType?: readonly ImageEnum[];
}

interface ImageEnum {
  readonly name: string;
  readonly value?: readonly Named[];
}

interface ImageService {
  readonly name: string;
  readonly method?: readonly Named[];
}

interface Named {
  readonly name: string;
}

interface Location {
  readonly path?: readonly number[];
  readonly leadingComments?: string;
}

/** Numbers of the fields of descriptors, of which paths in them are made. */
const FILE = { message: 4, enum: 5, service: 6 } as const;
const MESSAGE = { field: 2, message: 3, enum: 4 } as const;
const MEMBER = 2;

/** Writes the comments below a folder. */
export async function writeContractComments(folder: string): Promise<void> {
  const image = `${folder}/contract_image.json`;
  const built = await buf(["build", "-o", image]);
  if (!built.ok) throw new Error(`buf failed:\n${outputOf(built)}`);
  const { file } = JSON.parse(await Deno.readTextFile(image)) as {
    readonly file: readonly ImageFile[];
  };
  await Deno.remove(image);
  const text = JSON.stringify(commentsOf(file), null, 1);
  await Deno.writeTextFile(`${folder}/${COMMENTS_PATH}`, `${text}\n`);
}

/** Collects the comments of our own files, by name, in their order. */
export function commentsOf(
  files: readonly ImageFile[],
): Record<string, string> {
  const comments: Record<string, string> = {};
  for (const file of files) {
    if (file.package === PACKAGE) collectFile(file, comments);
  }
  return comments;
}

function collectFile(file: ImageFile, into: Record<string, string>): void {
  const byPath = new Map(
    (file.sourceCodeInfo?.location ?? []).map((
      { path = [], leadingComments = "" },
    ) => [path.join("."), leadingComments]),
  );
  const add = (name: string, path: readonly number[]): void => {
    const text = paragraphs(byPath.get(path.join(".")) ?? "");
    if (text !== "") into[name] = text;
  };
  const members = (
    owner: string,
    path: readonly number[],
    list: readonly Named[] = [],
  ): void => {
    add(owner, path);
    list.forEach(({ name }, i) =>
      add(`${owner}.${name}`, [...path, MEMBER, i])
    );
  };
  const message = (
    { name, field, nestedType, enumType }: ImageMessage,
    path: readonly number[],
    outer = "",
  ): void => {
    const own = `${outer}${name}`;
    members(own, path, field);
    nestedType?.forEach((it, i) =>
      message(it, [...path, MESSAGE.message, i], `${own}.`)
    );
    enumType?.forEach((it, i) =>
      members(`${own}.${it.name}`, [...path, MESSAGE.enum, i], it.value)
    );
  };
  file.messageType?.forEach((it, i) => message(it, [FILE.message, i]));
  file.enumType?.forEach((it, i) => members(it.name, [FILE.enum, i], it.value));
  file.service?.forEach((it, i) =>
    members(it.name, [FILE.service, i], it.method)
  );
}

/** Joins the lines of a comment, but for those between paragraphs. */
function paragraphs(comment: string): string {
  return comment.trim().split(/\n\s*\n/)
    .map((it) => it.split("\n").map((line) => line.trim()).join(" "))
    .join("\n\n");
}
