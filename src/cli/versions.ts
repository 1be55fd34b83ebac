/**
 * The versions of a resource.
 *
 * @module
 */

import { toJson } from "@bufbuild/protobuf";
import {
  type ResourceVersion,
  ResourceVersionSchema,
} from "../../gen/stigmer/backend/v1/backend_pb.ts";
import type { Ending, OptionValues } from "./command.ts";
import { type Context, openFor } from "./context.ts";
import { collectPages, type ListOptions } from "./listing.ts";
import { ageOf, showPage, type View } from "./view.ts";

const VERSION_VIEW: View<ResourceVersion> = {
  columns: [
    {
      header: "VERSION",
      right: true,
      value: (it) => `${it.version?.number ?? ""}`,
    },
    { header: "ID", whole: true, value: idOf },
    { header: "BY", value: (it) => it.createdBy },
    {
      header: "AGE",
      right: true,
      value: (it, nowMs) => ageOf(it.createdAt, nowMs),
    },
    { header: "MESSAGE", value: (it) => it.version?.message ?? "" },
  ],
  identify: idOf,
  json: (it) => toJson(ResourceVersionSchema, it),
  describe: () => [],
};

/** Lists the versions of a resource, newest first. */
export async function listVersions(
  context: Context,
  named: { readonly kind: string; readonly name: string },
  options: Pick<OptionValues<ListOptions>, "limit" | "pageToken" | "all">,
): Promise<Ending> {
  await using backend = await openFor(context);
  const page = await collectPages(options, async (query) => {
    const answer = await backend.client.listResourceVersions(
      { ...named, page: query },
      { signal: context.signal },
    );
    return { items: answer.versions, nextPageToken: answer.nextPageToken };
  });
  await showPage(context, VERSION_VIEW, page);
  return "ok";
}

function idOf(version: ResourceVersion): string {
  return version.version?.id ?? "";
}
