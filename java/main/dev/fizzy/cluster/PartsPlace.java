package dev.fizzy.cluster;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fizzy.file.Json;
import dev.fizzy.file.Sha256;
import java.io.IOException;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;

/**
 * Where the parts of a run are, for other machines.
 *
 * @param location absolute
 * @param run description of the run, in JSON
 * @param hadoop settings of the file systems
 */
record PartsPlace(String location, String run, Broadcast<SerializableConfiguration> hadoop)
    implements Serializable {
  Output output() throws IOException {
    return new Output(location, hadoop.value().value());
  }

  Parts open() throws IOException {
    return new Parts(output(), checksum(run));
  }

  /** Throws if another run has claimed the output meanwhile. */
  void check() throws IOException {
    output().check((ObjectNode) Json.tree(run.getBytes(StandardCharsets.UTF_8)));
  }

  static String checksum(String run) {
    return Sha256.of(run.getBytes(StandardCharsets.UTF_8));
  }
}
