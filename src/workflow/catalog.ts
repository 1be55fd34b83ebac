/**
 * Where functions are kept that are not in the definition: at an address, or
 * in a catalog, whose folders are laid out as the specification says.
 *
 * @module
 */

/** The file that holds a function, in its folder. */
const FUNCTION_FILE = "function.yaml";
const CATALOG_NAME = /^([^:@/\s]+):([^@/\s]+)@([^@\s]+)$/;
const ADDRESS = /^[a-z][a-z0-9+.-]*:\/\//i;
const GITHUB_FOLDER =
  /^https:\/\/github\.com\/([^/]+)\/([^/]+)\/(?:tree|blob)\/([^/]+)(\/.*)?$/;
const GITHUB_VERSION =
  /^https:\/\/github\.com\/([^/]+)\/([^/]+)\/(.+)@([^@/]+)$/;
const GITHUB_REPOSITORY = /^https:\/\/github\.com\/([^/]+)\/([^/]+?)(\/.*)?$/;
const GITLAB_FOLDER =
  /^(https:\/\/gitlab\.[^/]+\/.+?\/-\/)(?:tree|blob)(\/.*)$/;

/** A function of a catalog: `log:1.0.0@global`. */
export interface CatalogFunction {
  readonly name: string;
  readonly version: string;
  readonly catalog: string;
}

/** Takes `name:version@catalog` apart; `undefined` when it is something else. */
export function parseCatalogFunction(
  text: string,
): CatalogFunction | undefined {
  const [, name, version, catalog] = CATALOG_NAME.exec(text) ?? [];
  if (name === undefined || version === undefined || catalog === undefined) {
    return undefined;
  }
  return { name, version, catalog };
}

/** Whether a function is named by its address. */
export function isFunctionAddress(text: string): boolean {
  return ADDRESS.test(text);
}

/** The address of a function of a catalog. */
export function catalogFunctionAddress(
  endpoint: string,
  { name, version }: CatalogFunction,
): string {
  const folder = endpoint.replace(/\/+$/, "");
  return rawAddress(
    `${folder}/functions/${encodeURIComponent(name)}/` +
      `${encodeURIComponent(version)}/${FUNCTION_FILE}`,
  );
}

/** The address of the file that holds a function: a folder holds one. */
export function functionAddress(text: string): string {
  const raw = rawAddress(text);
  return /\.(?:ya?ml|json)$/i.test(raw.replace(/[?#].*$/, ""))
    ? raw
    : `${raw.replace(/\/+$/, "")}/${FUNCTION_FILE}`;
}

/** The address of a file's text, for one of the page that shows it. */
function rawAddress(address: string): string {
  const raw = "https://raw.githubusercontent.com";
  const folder = GITHUB_FOLDER.exec(address);
  if (folder !== null) {
    const [, owner, name, ref, path = ""] = folder;
    return `${raw}/${owner}/${name}/${ref}${path}`;
  }
  const version = GITHUB_VERSION.exec(address);
  if (version !== null) {
    const [, owner, name, path, ref] = version;
    return `${raw}/${owner}/${name}/${ref}/${path}`;
  }
  const repository = GITHUB_REPOSITORY.exec(address);
  if (repository !== null) {
    const [, owner, name, path = ""] = repository;
    return `${raw}/${owner}/${name}/HEAD${path}`;
  }
  return address.replace(GITLAB_FOLDER, "$1raw$2");
}
