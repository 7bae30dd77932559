package dev.fizzy.cluster;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fizzy.file.FileException;
import dev.fizzy.file.Json;
import dev.fizzy.file.RunFile;
import dev.fizzy.file.Sha256;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.ChecksumFileSystem;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * An output folder on any Hadoop file system. Of the file system it is expected that a file which
 * is renamed or closed can be opened by its name afterwards; a listing may lag, a rename may be a
 * copy.
 */
public final class Output {
  /** The file that describes the run, see {@link RunFile}. */
  static final String RUN = "manifest.json";

  private static final int BUFFER = 1 << 16;

  private final FileSystem files;
  private final Path root;

  /**
   * @param location such as {@code hdfs://host/faces}; without a scheme, on the default file system
   */
  public Output(String location, Configuration configuration) throws IOException {
    Path given = new Path(location);
    FileSystem found = given.getFileSystem(configuration);
    // Images have checksums of their own; Hadoop would add a hidden file for each.
    files = found instanceof ChecksumFileSystem local ? local.getRawFileSystem() : found;
    root = files.makeQualified(given);
  }

  /** The absolute location, which other machines can open. */
  String location() {
    return root.toString();
  }

  private Path path(String name) {
    return new Path(root, name);
  }

  /** Length of a file in bytes; -1 if there is none. */
  long length(String name) throws IOException {
    try {
      FileStatus status = files.getFileStatus(path(name));
      return status.isFile() ? status.getLen() : -1;
    } catch (FileNotFoundException e) {
      return -1;
    }
  }

  public boolean exists(String name) throws IOException {
    return length(name) >= 0;
  }

  /** Whether a file has this content, by its length and checksum. */
  boolean holds(StoredFile file) throws IOException {
    if (length(file.name()) != file.bytes()) {
      return false;
    }
    MessageDigest digest = Sha256.digest();
    byte[] buffer = new byte[BUFFER];
    try (InputStream in = open(file.name())) {
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        digest.update(buffer, 0, n);
      }
    }
    return Sha256.hex(digest.digest()).equals(file.sha256());
  }

  InputStream open(String name) throws IOException {
    return files.open(path(name));
  }

  /** The content of a small file; null if there is none. */
  public byte[] read(String name) throws IOException {
    try (InputStream in = open(name)) {
      return in.readAllBytes();
    } catch (FileNotFoundException e) {
      return null;
    }
  }

  public void delete(String name) throws IOException {
    files.delete(path(name), true);
  }

  /** Names in a folder, as far as the file system lists them. */
  List<String> names(String folder) throws IOException {
    List<String> names = new ArrayList<>();
    try {
      for (FileStatus status : files.listStatus(path(folder))) {
        names.add(status.getPath().getName());
      }
    } catch (FileNotFoundException e) {
      // nothing was written yet
    }
    return names;
  }

  /** Writes a file under a name that nobody else uses. */
  void write(String name, byte[] content) throws IOException {
    try (OutputStream out = files.create(path(name), true)) {
      out.write(content);
    }
  }

  /** The same with the content of a local file. */
  void upload(java.nio.file.Path from, String name) throws IOException {
    try (OutputStream out = files.create(path(name), true)) {
      Files.copy(from, out);
    }
    long length = length(name);
    if (length != Files.size(from)) {
      throw new IOException(path(name) + " has " + length + " bytes of " + Files.size(from));
    }
  }

  /**
   * Gives a complete file its final name, unless a file with the same content is there. A file with
   * other content is replaced: it is torn, because all who write this name write the same.
   *
   * @param temporary the file's name so far
   */
  void publish(String temporary, StoredFile file) throws IOException {
    Path target = path(file.name());
    files.mkdirs(target.getParent());
    if (exists(file.name()) && holds(file)) {
      return;
    }
    if (!renamed(temporary, target) && !holds(file)) {
      files.delete(target, false);
      if (!renamed(temporary, target)) {
        throw new IOException("cannot rename " + path(temporary) + " to " + target);
      }
    }
    if (length(file.name()) != file.bytes()) {
      throw new IOException(target + " is not complete after its rename");
    }
  }

  /** File systems either throw or return false if the target exists or the source is gone. */
  private boolean renamed(String temporary, Path target) throws IOException {
    try {
      return files.rename(path(temporary), target);
    } catch (FileNotFoundException | org.apache.hadoop.fs.FileAlreadyExistsException e) {
      return false;
    }
  }

  /** Claims the folder for a run; throws if it belongs to another one or holds other files. */
  void claim(ObjectNode run) throws IOException {
    if (!exists(RUN)) {
      if (names(".").stream().anyMatch(name -> !name.startsWith("."))) {
        throw new FileException(
            "the output folder " + root + " is not empty and has no " + RUN + "; choose another");
      }
      files.mkdirs(root);
      writeOnce(RUN, text(run));
    }
    check(run);
  }

  /** Writes a small file unless another driver is faster. */
  public void writeOnce(String name, byte[] content) throws IOException {
    String temporary = Parts.FOLDER + "/" + name + "-" + Long.toHexString(System.nanoTime());
    write(temporary, content);
    if (!renamed(temporary, path(name))) {
      delete(temporary);
    }
  }

  /** Throws if the folder does not belong to this run. */
  void check(ObjectNode run) throws IOException {
    byte[] found = read(RUN);
    if (found == null) {
      throw new FileException(root + " has lost its " + RUN + "; start again");
    }
    RunFile.check(root.toString(), Json.tree(found), run);
  }

  private static byte[] text(ObjectNode run) {
    return (run.toPrettyString() + "\n").getBytes(StandardCharsets.UTF_8);
  }
}
