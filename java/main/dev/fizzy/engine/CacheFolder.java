package dev.fizzy.engine;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.bytedeco.javacpp.Loader;

/**
 * The user's private folder for files unpacked from jars: native libraries and the model that
 * ships. Whoever can write to it can run code as this user, so a folder that another user owns or
 * can write to is rejected. It is the folder that {@value #VARIABLE} names, or the first usable one
 * of {@code $XDG_CACHE_HOME/fizzy} or {@code $HOME/.cache/fizzy}, and {@code fizzy-USER} in the
 * temporary folder.
 */
public final class CacheFolder {
  public static final String VARIABLE = "FIZZY_CACHE";

  private static final String JAVACPP_PROPERTY = "org.bytedeco.javacpp.cachedir";
  private static final int STICKY = 01000;

  private static Path chosen;

  private CacheFolder() {}

  /** The folder, which exists and belongs to this user. JavaCPP unpacks into it from then on. */
  public static synchronized Path path() {
    if (chosen == null) {
      chosen = choose(candidates(), userId());
      System.setProperty(JAVACPP_PROPERTY, chosen.toString());
    }
    return chosen;
  }

  /**
   * Unpacks a resource once; a copy of the same size and date is used again.
   *
   * @param resource absolute path, as {@code /folder/file}
   */
  public static Path unpack(Class<?> owner, String resource) throws IOException {
    path();
    File file = Loader.cacheResource(owner, resource);
    if (file == null) {
      throw new IOException("the resource " + resource + " is missing");
    }
    return file.toPath();
  }

  private static List<Path> candidates() {
    for (String named :
        new String[] {System.getenv(VARIABLE), System.getProperty(JAVACPP_PROPERTY)}) {
      if (named != null && !named.isBlank()) {
        return List.of(Path.of(named));
      }
    }
    List<Path> all = new ArrayList<>();
    String xdg = System.getenv("XDG_CACHE_HOME");
    String home = System.getenv("HOME");
    if (xdg != null && Path.of(xdg).isAbsolute()) {
      all.add(Path.of(xdg, "fizzy"));
    } else if (home != null && Path.of(home).isAbsolute()) {
      all.add(Path.of(home, ".cache", "fizzy"));
    }
    String user = System.getProperty("user.name").replaceAll("[^\\w.-]", "_");
    all.add(Path.of(System.getProperty("java.io.tmpdir"), "fizzy-" + user));
    return all;
  }

  /** The first candidate that only this user can write to. */
  static Path choose(List<Path> candidates, int user) {
    List<String> refused = new ArrayList<>();
    for (Path candidate : candidates) {
      try {
        return checked(candidate.toAbsolutePath(), user);
      } catch (IOException e) {
        refused.add(candidate + ": " + reason(e));
      }
    }
    throw new EngineException(
        "there is no private folder for native libraries ("
            + String.join("; ", refused)
            + "); set "
            + VARIABLE
            + " to a folder that only you can write to");
  }

  private static String reason(IOException e) {
    return e.getClass() == IOException.class
        ? e.getMessage()
        : e.getClass().getSimpleName().replace("Exception", "") + " " + e.getMessage();
  }

  private static Path checked(Path folder, int user) throws IOException {
    if (!Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
      Files.createDirectories(
          folder,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }
    // A link in a folder that others can write to may belong to another user.
    requireOwner(folder, user, LinkOption.NOFOLLOW_LINKS);
    Path real = folder.toRealPath();
    requireOwner(real, user);
    Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(real);
    if (permissions.contains(PosixFilePermission.GROUP_WRITE)
        || permissions.contains(PosixFilePermission.OTHERS_WRITE)) {
      throw new IOException("other users can write to it; chmod 700 makes it private");
    }
    if (!Files.isDirectory(real) || !Files.isWritable(real)) {
      throw new IOException("it is not a folder that can be written to");
    }
    requireExecution(real);
    for (Path above = real.getParent(); above != null; above = above.getParent()) {
      requireStable(above);
    }
    return real;
  }

  /** Rejects a folder on a file system from which libraries cannot be loaded. */
  private static void requireExecution(Path folder) throws IOException {
    Path probe =
        Files.createTempFile(
            folder,
            "probe",
            "",
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    try {
      if (!Files.isExecutable(probe)) {
        throw new IOException("its file system is mounted with noexec");
      }
    } finally {
      Files.delete(probe);
    }
  }

  private static void requireOwner(Path path, int user, LinkOption... links) throws IOException {
    if (!Files.getAttribute(path, "unix:uid", links).equals(user)) {
      throw new IOException("it belongs to the user " + Files.getOwner(path, links));
    }
  }

  /** Rejects a folder whose contents any user can replace. */
  private static void requireStable(Path above) throws IOException {
    boolean sticky = ((int) Files.getAttribute(above, "unix:mode") & STICKY) != 0;
    if (!sticky
        && Files.getPosixFilePermissions(above).contains(PosixFilePermission.OTHERS_WRITE)) {
      throw new IOException("every user can rename it, since every user can write to " + above);
    }
  }

  private static int userId() {
    try {
      return (int) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
    } catch (IOException e) {
      throw new EngineException("/proc/self, whose owner is this user, cannot be read", e);
    }
  }
}
