/**
 * Where the time goes: programs timed operation by operation against the machine's measured peak,
 * and traces of whole jobs. Start at {@link dev.fizzy.engine.profile.Profile}.
 */
package dev.fizzy.engine.profile;
