/**
 * Lists the files that an execution left, and fetches them.
 *
 * @module
 */

import { toJson } from "@bufbuild/protobuf";
import {
  type Artifact,
  ArtifactSchema,
} from "../../../gen/stigmer/backend/v1/execution_pb.ts";
import type { BackendClient } from "../../backend/open.ts";
import { invalidArgument } from "../../model/error.ts";
import { sizeText } from "../../model/size_text.ts";
import type { Ending } from "../command.ts";
import { type Context, openFor } from "../context.ts";
import { collectPages } from "../listing.ts";
import { absolutePath, folderOf, joinPath } from "../path.ts";
import { ageOf, type Page, showPage, type View } from "../view.ts";
import { executionIdOf } from "./last.ts";

const ARTIFACT_VIEW: View<Artifact> = {
  columns: [
    { header: "NAME", value: (it) => it.name },
    {
      header: "SIZE",
      right: true,
      value: (it) => sizeText(it.sizeBytes),
    },
    { header: "TYPE", value: (it) => it.contentType },
    {
      header: "AGE",
      right: true,
      value: (it, nowMs) => ageOf(it.createdAt, nowMs),
    },
    { header: "ID", wide: true, value: (it) => it.id },
    { header: "SHA256", wide: true, value: (it) => it.sha256 },
  ],
  identify: (it) => it.name,
  json: (it) => toJson(ArtifactSchema, it),
  describe: () => [],
};

/** Lists the artifacts of an execution, prints one, or saves them. */
export async function showArtifacts(
  context: Context,
  wanted: { readonly id: string; readonly name: string | undefined },
  options: { readonly save: string | undefined },
): Promise<Ending> {
  const { name } = wanted;
  await using backend = await openFor(context);
  const { client } = backend;
  const id = await executionIdOf(client, wanted.id, context.signal);
  if (name !== undefined) {
    const content = await getContent(context, client, { id, name });
    if (options.save === undefined) context.io.raw(content);
    else await save(context, options.save, { name, content });
    return "ok";
  }
  const page = await listArtifacts(context, client, id);
  if (options.save === undefined) {
    await showPage(context, ARTIFACT_VIEW, page);
    return "ok";
  }
  for (const it of page.items) {
    const content = await getContent(context, client, { id, name: it.name });
    await save(context, options.save, { name: it.name, content });
  }
  return "ok";
}

async function listArtifacts(
  context: Context,
  client: BackendClient,
  executionId: string,
): Promise<Page<Artifact>> {
  const whole = { all: true, limit: undefined, pageToken: undefined };
  return await collectPages(whole, async (page) => {
    const answer = await client.listArtifacts(
      { executionId, page },
      { signal: context.signal },
    );
    return { items: answer.artifacts, nextPageToken: answer.nextPageToken };
  });
}

async function getContent(
  context: Context,
  client: BackendClient,
  of: { readonly id: string; readonly name: string },
): Promise<Uint8Array<ArrayBuffer>> {
  const { content } = await client.getArtifact(
    { id: of.name, executionId: of.id },
    { signal: context.signal },
  );
  return content.slice();
}

/** Writes a file below a folder, and nowhere else. */
async function save(
  context: Context,
  folder: string,
  file: { readonly name: string; readonly content: Uint8Array<ArrayBuffer> },
): Promise<void> {
  const { host, io } = context;
  const parts = file.name.split(/[/\\]/);
  if (parts.some((it) => it === "" || it === "." || it === "..")) {
    throw invalidArgument(
      `Cannot save artifact "${file.name}": its name leads out of the folder`,
    );
  }
  const path = parts.reduce(
    (above, part) => joinPath(host, above, part),
    absolutePath(host, folder),
  );
  host.files.makeDirectory(folderOf(host, path));
  await host.files.writeAtomic(path, file.content);
  if (io.format === "name") io.data(path);
  else io.note(`Saved "${path}"`);
}
