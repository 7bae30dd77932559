package dev.fizzy.cluster;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FSInputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.util.Progressable;

/**
 * A file system in memory that behaves like an object store: folders are prefixes of names, a file
 * appears when it is closed, a rename is a copy and fails if the target exists, and a listing lags.
 * Before each operation that changes it, it calls a hook, which may run another attempt or throw.
 */
public final class ObjectStore extends FileSystem {
  /** A process that dies. */
  static final class Killed extends RuntimeException {}

  static final Map<String, byte[]> OBJECTS = new TreeMap<>();

  /** Objects that listings do not show yet. */
  static boolean lagging;

  /** Half of a rename's copy is left if the hook throws within it. */
  static boolean torn;

  static Runnable hook;

  private URI uri;

  static Configuration configuration() {
    Configuration configuration = new Configuration(false);
    configuration.set("fs.store.impl", ObjectStore.class.getName());
    configuration.setBoolean("fs.store.impl.disable.cache", true);
    return configuration;
  }

  static void reset() {
    OBJECTS.clear();
    lagging = false;
    torn = false;
    hook = () -> {};
  }

  @Override
  public void initialize(URI name, Configuration configuration) throws IOException {
    super.initialize(name, configuration);
    uri = URI.create("store:///");
  }

  @Override
  public String getScheme() {
    return "store";
  }

  @Override
  public URI getUri() {
    return uri;
  }

  private static String key(Path path) {
    return path.toUri().getPath();
  }

  @Override
  public FSDataInputStream open(Path path, int buffer) throws IOException {
    byte[] bytes = OBJECTS.get(key(path));
    if (bytes == null) {
      throw new FileNotFoundException(path.toString());
    }
    return new FSDataInputStream(new Bytes(bytes));
  }

  @Override
  public FSDataOutputStream create(
      Path path,
      FsPermission permission,
      boolean overwrite,
      int buffer,
      short replication,
      long block,
      Progressable progress)
      throws IOException {
    hook.run();
    return new FSDataOutputStream(
        new ByteArrayOutputStream() {
          @Override
          public void close() {
            hook.run();
            OBJECTS.put(key(path), toByteArray());
          }
        },
        null);
  }

  @Override
  public FSDataOutputStream append(Path path, int buffer, Progressable progress) {
    throw new UnsupportedOperationException("an object store has no append");
  }

  @Override
  public boolean rename(Path from, Path to) throws IOException {
    hook.run();
    byte[] bytes = OBJECTS.get(key(from));
    if (bytes == null || OBJECTS.containsKey(key(to))) {
      return false;
    }
    if (torn) {
      OBJECTS.put(key(to), java.util.Arrays.copyOf(bytes, bytes.length / 2));
      hook.run();
    }
    OBJECTS.put(key(to), bytes);
    hook.run();
    OBJECTS.remove(key(from));
    return true;
  }

  @Override
  public boolean delete(Path path, boolean recursive) {
    hook.run();
    boolean one = OBJECTS.remove(key(path)) != null;
    return OBJECTS.keySet().removeIf(name -> name.startsWith(key(path) + "/")) || one;
  }

  @Override
  public FileStatus[] listStatus(Path path) {
    List<FileStatus> found = new ArrayList<>();
    String prefix = key(path).equals("/") ? "/" : key(path) + "/";
    OBJECTS.forEach(
        (name, bytes) -> {
          if (!lagging && name.startsWith(prefix)) {
            String below = name.substring(prefix.length());
            int end = below.indexOf('/');
            Path child = new Path(path, end < 0 ? below : below.substring(0, end));
            found.add(new FileStatus(end < 0 ? bytes.length : 0, end >= 0, 1, 1, 0, child));
          }
        });
    return found.stream().distinct().toArray(FileStatus[]::new);
  }

  @Override
  public void setWorkingDirectory(Path path) {}

  @Override
  public Path getWorkingDirectory() {
    return new Path("/");
  }

  @Override
  public boolean mkdirs(Path path, FsPermission permission) {
    return true;
  }

  @Override
  public FileStatus getFileStatus(Path path) throws IOException {
    byte[] bytes = OBJECTS.get(key(path));
    if (bytes == null) {
      throw new FileNotFoundException(path.toString());
    }
    return new FileStatus(bytes.length, false, 1, 1, 0, path);
  }

  /** Bytes in memory, with the seeks that Hadoop asks of a stream. */
  private static final class Bytes extends FSInputStream {
    private final byte[] bytes;
    private ByteArrayInputStream in;
    private long position;

    Bytes(byte[] bytes) {
      this.bytes = bytes;
      this.in = new ByteArrayInputStream(bytes);
    }

    @Override
    public void seek(long to) throws IOException {
      if (to > bytes.length) {
        throw new EOFException();
      }
      in = new ByteArrayInputStream(bytes, (int) to, bytes.length - (int) to);
      position = to;
    }

    @Override
    public long getPos() {
      return position;
    }

    @Override
    public boolean seekToNewSource(long to) {
      return false;
    }

    @Override
    public int read() {
      int one = in.read();
      position += one < 0 ? 0 : 1;
      return one;
    }
  }
}
