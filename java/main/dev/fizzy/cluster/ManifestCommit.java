package dev.fizzy.cluster;

import dev.fizzy.dataset.parquet.ManifestWriter;
import dev.fizzy.dataset.write.GeneratedRows;
import dev.fizzy.dataset.write.Shard;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** Lists a generated set in one Parquet file, after checking that no image is missing or double. */
public final class ManifestCommit implements ShardJob.Commit {
  /** The name of the file in the set's folder. */
  static final String FILE = "manifest.parquet";

  private static final int BUFFER = 1 << 18;

  private final int shards;
  private final GeneratedRows rows;

  /**
   * @param shards number of parts
   * @param rows of the set
   */
  public ManifestCommit(int shards, GeneratedRows rows) {
    this.shards = shards;
    this.rows = rows;
  }

  @Override
  public void commit(Output output) throws IOException {
    Path local = Files.createTempFile("fizzy-manifest", ".parquet");
    try {
      try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(local), BUFFER)) {
        write(output, out);
      }
      String temporary =
          Parts.FOLDER + "/manifest-" + Long.toHexString(System.nanoTime()) + ".parquet";
      output.upload(local, temporary);
      output.publish(temporary, StoredFile.of(local, FILE));
      output.delete(temporary);
    } finally {
      Files.deleteIfExists(local);
    }
  }

  private void write(Output output, OutputStream out) throws IOException {
    try (ManifestWriter manifest = new ManifestWriter(out)) {
      for (int shard = 1; shard <= shards; shard++) {
        String name = new Shard(shard, shards).manifest();
        try (InputStream in = new BufferedInputStream(output.open(name), BUFFER)) {
          rows.read(name, in, manifest::add);
        }
      }
      rows.end();
    }
  }
}
