package dev.fizzy.fuzz;

import dev.fizzy.file.FileException;
import java.nio.file.Path;
import java.util.List;

/**
 * A parser to drive with damaged files.
 *
 * @param name of the case; the file's ending follows the last dot
 * @param seeds valid files, as small as they can be while they have every part of the format
 * @param parser reads the file to its end, with everything in it
 * @param allowed what it may throw: a sentence for the user
 */
public record FuzzTarget(
    String name, List<byte[]> seeds, Parser parser, List<Class<? extends Exception>> allowed) {

  /** Reads a file. */
  @FunctionalInterface
  public interface Parser {
    void parse(Path file) throws Exception;
  }

  /** May throw {@link FileException} alone. */
  public static FuzzTarget of(String name, Parser parser, byte[]... seeds) {
    return new FuzzTarget(name, List.of(seeds), parser, List.of(FileException.class));
  }

  boolean allows(Throwable e) {
    return allowed.stream().anyMatch(c -> c.isInstance(e));
  }

  @Override
  public String toString() {
    return name;
  }
}
