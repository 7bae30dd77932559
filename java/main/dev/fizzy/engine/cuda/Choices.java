package dev.fizzy.engine.cuda;

import dev.fizzy.engine.CacheFolder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What was chosen by trial, by a key of one line that names GPU, library versions and shape. A
 * choice is a file, so that processes that run at the same time need no lock. A file that cannot be
 * read or written costs another trial, no result.
 *
 * <p>Whoever chooses holds the monitor of this object, so that two GPUs of one process choose the
 * same.
 */
final class Choices {
  private static final Logger log = LoggerFactory.getLogger(Choices.class);
  private static final int NAME = 32; // hexadecimal digits

  private static Choices shared;

  private final Path folder;
  private final Map<String, String> known = new HashMap<>();

  /**
   * @param folder made when the first choice is kept; null to keep choices in memory only
   */
  Choices(Path folder) {
    this.folder = folder;
  }

  /** Those of this user, in the folder {@code cuda} of the cache folder. */
  static synchronized Choices ofUser() {
    if (shared == null) {
      shared = new Choices(CacheFolder.path().resolve("cuda"));
    }
    return shared;
  }

  /** The value kept for a key, or null. */
  synchronized String find(String key) {
    if (!known.containsKey(key) && folder != null && Files.exists(file(key))) {
      try {
        String text = Files.readString(file(key));
        if (text.startsWith(key + "\n")) {
          known.put(key, text.substring(key.length() + 1));
        }
      } catch (IOException e) {
        log.warn("{} cannot be read and will be replaced", file(key));
      }
    }
    return known.get(key);
  }

  synchronized void keep(String key, String value) {
    known.put(key, value);
    if (folder == null) {
      return;
    }
    try {
      Files.createDirectories(folder);
      Path whole = Files.createTempFile(folder, "choice", ".tmp");
      Files.writeString(whole, key + "\n" + value);
      Files.move(whole, file(key), StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      log.warn("the choice for {} cannot be kept: {}", key, e.getMessage());
    }
  }

  private Path file(String key) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(key.getBytes(StandardCharsets.UTF_8));
      return folder.resolve(HexFormat.of().formatHex(hash).substring(0, NAME));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
