package dev.fizzy.cluster;

import dev.fizzy.file.FileException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The parts of an output. An attempt uploads its files under a name of its own, renames them, and
 * writes the part's {@link Receipt} last. Files have the same bytes whoever writes them, so an
 * attempt that finds a file in place leaves it; no attempt removes a complete file. An attempt that
 * is killed at any moment leaves complete files and a folder of its own, which the driver removes.
 */
final class Parts {
  /** Hidden, so that no reader takes it for an identity. */
  static final String FOLDER = ".cluster";

  private static final String ATTEMPTS = FOLDER + "/attempts";
  private static final String RECEIPTS = FOLDER + "/parts";
  private static final Pattern RECEIPT = Pattern.compile("(\\d+)\\.json");

  private final Output output;
  private final String run;

  /**
   * @param run checksum of the run's description
   */
  Parts(Output output, String run) {
    this.output = output;
    this.run = run;
  }

  private static String name(int shard) {
    return RECEIPTS + "/" + shard + ".json";
  }

  /** The receipt of a part; null if the part is not complete. */
  Receipt receipt(int shard) throws IOException {
    byte[] json = output.read(name(shard));
    Receipt receipt = json == null ? null : Receipt.of(json);
    return receipt != null && receipt.run().equals(run) && receipt.shard() == shard
        ? receipt
        : null;
  }

  /**
   * Whether all files of a part are there.
   *
   * @param checksums whether to read them; else only their lengths are compared
   */
  boolean holds(Receipt receipt, boolean checksums) throws IOException {
    for (StoredFile file : receipt.files()) {
      if (checksums ? !output.holds(file) : output.length(file.name()) != file.bytes()) {
        return false;
      }
    }
    return true;
  }

  /**
   * Adds a part.
   *
   * @param folder local files of the part
   * @param attempt a name that no other attempt has
   */
  Receipt add(int shard, Path folder, String attempt, long images, String processor)
      throws IOException {
    String own = ATTEMPTS + "/" + attempt;
    List<StoredFile> files = new ArrayList<>();
    for (String name : names(folder)) {
      Path local = folder.resolve(name);
      StoredFile file = StoredFile.of(local, name);
      if (!output.holds(file)) {
        output.upload(local, own + "/" + name);
        output.publish(own + "/" + name, file);
      }
      files.add(file);
    }
    Receipt receipt = new Receipt(run, shard, images, processor, List.copyOf(files));
    String temporary = own + "/receipt";
    output.write(temporary, receipt.json());
    output.publish(temporary, StoredFile.of(receipt.json(), name(shard)));
    output.delete(own);
    return receipt;
  }

  /** The files of a part, without the description of the run, which the driver writes. */
  private static List<String> names(Path folder) {
    try (Stream<Path> files = Files.walk(folder)) {
      return files
          .filter(Files::isRegularFile)
          .map(file -> folder.relativize(file).toString())
          .filter(name -> !name.equals(Output.RUN))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw FileException.of("list", folder, e);
    }
  }

  /** Numbers of the parts with receipts, as far as the file system lists them. */
  Set<Integer> listed() throws IOException {
    Set<Integer> shards = new TreeSet<>();
    for (String name : output.names(RECEIPTS)) {
      Matcher matcher = RECEIPT.matcher(name);
      if (matcher.matches()) {
        shards.add(Integer.parseInt(matcher.group(1)));
      }
    }
    return shards;
  }

  /** Declares a damaged part incomplete. Its files stay until an attempt replaces them. */
  void reopen(int shard) throws IOException {
    output.delete(name(shard));
  }

  /** Removes what killed attempts left. */
  void removeAttempts() throws IOException {
    output.delete(ATTEMPTS);
  }
}
