package dev.fizzy.cluster;

import dev.fizzy.dataset.parquet.ManifestWriter;
import dev.fizzy.dataset.write.GeneratedRows;
import dev.fizzy.dataset.write.Shard;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Lists a generated set in one Parquet file, after checking that no image is missing or double. */
public final class ManifestCommit implements ShardJob.Commit {
  /** The name of the file in the set's folder. */
  static final String FILE = "manifest.parquet";

  private static final int BUFFER = 1 << 18;

  /** Parts that are read at the same time and kept in memory; an object store answers slowly. */
  private static final int READERS = 8;

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
    ExecutorService readers = Executors.newFixedThreadPool(READERS);
    try (ManifestWriter manifest = new ManifestWriter(out)) {
      Deque<Future<GeneratedRows.Part>> reading = new ArrayDeque<>();
      for (int shard = 1; shard <= shards + READERS; shard++) {
        if (shard <= shards) {
          String name = name(shard);
          reading.add(readers.submit(() -> read(output, name)));
        }
        if (shard > READERS) {
          rows.add(name(shard - READERS), done(reading.remove()), manifest::add);
        }
      }
      rows.end();
    } finally {
      readers.shutdownNow();
    }
  }

  private String name(int shard) {
    return new Shard(shard, shards).manifest();
  }

  private static GeneratedRows.Part read(Output output, String name) throws IOException {
    try (InputStream in = output.open(name)) {
      return GeneratedRows.read(in);
    }
  }

  private static GeneratedRows.Part done(Future<GeneratedRows.Part> part) throws IOException {
    try {
      return part.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException io) {
        throw io;
      }
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while the manifests were read");
    }
  }
}
