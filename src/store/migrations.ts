/**
 * Every migration, in order. They are embedded in the program, and never
 * edited once released: a database remembers the checksum of each.
 *
 * @module
 */

import initial from "../../migrations/0001_initial.sql" with { type: "text" };
import engine from "../../migrations/0002_engine.sql" with { type: "text" };
import skills from "../../migrations/0003_skills.sql" with { type: "text" };
import events from "../../migrations/0004_events.sql" with { type: "text" };
import vault from "../../migrations/0005_vault.sql" with { type: "text" };
import server from "../../migrations/0006_server.sql" with { type: "text" };
import agents from "../../migrations/0007_agents.sql" with { type: "text" };
import served from "../../migrations/0009_served.sql" with { type: "text" };
import tools from "../../migrations/0008_tools.sql" with { type: "text" };

/** One step of the schema. */
export interface Migration {
  /** Counts from 1 without gaps. */
  readonly version: number;
  readonly description: string;
  readonly sql: string;
  /**
   * The checksum of the statements, which a database that has it remembers;
   * known beforehand, as it is compared at every start.
   */
  readonly checksum?: string;
}

/** Every migration, the first one first. */
export const MIGRATIONS: readonly Migration[] = [
  {
    version: 1,
    description: "resources and executions",
    sql: initial,
    checksum: "b9d099bbf54aa0c7",
  },
  {
    version: 2,
    description: "runs, journals and artifacts",
    sql: engine,
    checksum: "866c6052c11a0e34",
  },
  {
    version: 3,
    description: "files of skills",
    sql: skills,
    checksum: "a6d58cc4f50135da",
  },
  {
    version: 4,
    description: "events and schedules",
    sql: events,
    checksum: "816a8554484405f4",
  },
  {
    version: 5,
    description: "secrets and their keys",
    sql: vault,
    checksum: "9e47726e906988a0",
  },
  {
    version: 6,
    description: "tokens, audit and imports",
    sql: server,
    checksum: "fbca1b670f61be75",
  },
  {
    version: 7,
    description: "tags of skills",
    sql: agents,
    checksum: "0f84727a0de00f66",
  },
  {
    version: 8,
    description: "tool servers, pins and grants",
    sql: tools,
    checksum: "e6821cd343ea5523",
  },
  {
    version: 9,
    description: "workflows that programs serve",
    sql: served,
    checksum: "d8e854ce844a35e6",
  },
];
