package dev.fizzy.model.published;

import dev.fizzy.file.FileException;
import dev.fizzy.file.InputFile;
import dev.fizzy.file.Quoted;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * The Hydra configuration of a published checkpoint: YAML 1.2 with plain values, without tags and
 * with a limit on aliases. ${references} to other fields are resolved.
 */
final class HydraConfig {
  /** Where Hydra writes it, relative to the checkpoint. */
  private static final List<String> PLACES =
      List.of("config.yaml", ".hydra/config.yaml", "../.hydra/config.yaml", "../config.yaml");

  private static final Pattern REFERENCE = Pattern.compile("\\$\\{([A-Za-z0-9_.]+)}");
  private static final int LIMIT = 1 << 20;
  private static final int DEPTH = 10;

  /** Hydra writes no aliases. Each nested alias can double the size of the value. */
  private static final int ALIASES = 10;

  /** Largest number of references followed for one field. */
  private static final int REFERENCES = 1_000;

  private final Path file;
  private final Map<?, ?> root;
  private int followed;

  private HydraConfig(Path file, Map<?, ?> root) {
    this.file = file;
    this.root = root;
  }

  /** The configuration of a checkpoint, or null. */
  static HydraConfig of(Path checkpoint) {
    for (String place : PLACES) {
      Path file = checkpoint.toAbsolutePath().resolveSibling(place).normalize();
      if (Files.isRegularFile(file)) {
        HydraConfig found = read(file);
        if (found.root.containsKey("diffusion") || found.root.containsKey("model")) {
          return found;
        }
      }
    }
    return null;
  }

  static HydraConfig read(Path file) {
    LoadSettings settings =
        LoadSettings.builder()
            .setLabel(file.toString())
            .setAllowDuplicateKeys(false)
            .setMaxAliasesForCollections(ALIASES)
            .setCodePointLimit(LIMIT)
            .build();
    try {
      byte[] bytes = InputFile.bytes(file, LIMIT);
      Object value = new Load(settings).loadFromInputStream(new ByteArrayInputStream(bytes));
      if (!(value instanceof Map<?, ?> map)) {
        throw new FileException(file + " is not a YAML mapping");
      }
      return new HydraConfig(file, map);
    } catch (YamlEngineException | StackOverflowError e) {
      String why = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
      throw new FileException(file + " is not valid YAML: " + Quoted.message(why), e);
    } catch (IOException e) {
      throw FileException.of("read", file, e);
    }
  }

  Path file() {
    return file;
  }

  /** The value of a field, such as {@code diffusion.T}, with references resolved; or null. */
  Object get(String path) {
    followed = 0;
    return get(path, 0);
  }

  private Object get(String path, int depth) {
    if (depth > DEPTH || ++followed > REFERENCES) {
      throw new FileException(
          file + ": the references of " + Quoted.of(path) + " are circular or too many");
    }
    Object at = root;
    for (String key : path.split("\\.")) {
      if (at instanceof String text) {
        at = follow(text, depth);
      }
      if (!(at instanceof Map<?, ?> map)) {
        return null;
      }
      at = map.get(key);
    }
    return at instanceof String text ? follow(text, depth) : at;
  }

  private Object follow(String text, int depth) {
    Matcher m = REFERENCE.matcher(text);
    return m.matches() ? get(m.group(1), depth + 1) : text;
  }

  boolean has(String path) {
    return get(path) != null;
  }

  /** An integer field, or {@code otherwise} if it is missing. */
  int integer(String path, int otherwise) {
    Object value = get(path);
    if (value == null) {
      return otherwise;
    }
    if (value instanceof Integer i) {
      return i;
    }
    throw new FileException(file + ": " + path + " is " + Quoted.of(value) + ", not an integer");
  }

  double number(String path, double otherwise) {
    Object value = get(path);
    if (value == null) {
      return otherwise;
    }
    if (value instanceof Number n) {
      return n.doubleValue();
    }
    throw new FileException(file + ": " + path + " is " + Quoted.of(value) + ", not a number");
  }

  String text(String path, String otherwise) {
    Object value = get(path);
    if (value == null) {
      return otherwise;
    }
    if (value instanceof String || value instanceof Number || value instanceof Boolean) {
      return value.toString();
    }
    throw new FileException(file + ": " + path + " is " + Quoted.of(value) + ", not a string");
  }

  boolean flag(String path, boolean otherwise) {
    Object value = get(path);
    if (value == null) {
      return otherwise;
    }
    if (value instanceof Boolean b) {
      return b;
    }
    throw new FileException(
        file + ": " + path + " is " + Quoted.of(value) + ", neither true nor false");
  }
}
