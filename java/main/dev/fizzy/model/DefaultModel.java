package dev.fizzy.model;

import dev.fizzy.engine.CacheFolder;
import dev.fizzy.file.FileException;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;

/** The model that ships, which is used if no other is given. */
public final class DefaultModel {
  private static final String NAME = "default";
  private static final String ENDING = ".safetensors";

  private DefaultModel() {}

  /** Opens the model that ships. */
  public static ModelFile open() {
    return openOr(null);
  }

  /** Opens a model file, or the model that ships if {@code file} is null. */
  public static ModelFile openOr(Path file) {
    if (file != null) {
      return ModelFile.open(file);
    }
    Path own = shipped(NAME + ENDING);
    if (own == null) {
      throw new FileException("this build has no default model; give a model file");
    }
    return ModelFile.open(own);
  }

  /**
   * The file with which a model offers something more, such as a faster version of itself: {@code
   * model-fast.safetensors} beside {@code model.safetensors}. Null if there is none.
   *
   * @param model a model file; null for the model that ships
   */
  public static Path beside(Path model, String what) {
    if (model == null) {
      return shipped(NAME + "-" + what + ENDING);
    }
    Path file = model.resolveSibling(nameBeside(model, what));
    return Files.exists(file) ? file : null;
  }

  /** The name of the file that {@link #beside} looks for. */
  public static String nameBeside(Path model, String what) {
    String name = model.getFileName().toString();
    String stem = name.endsWith(ENDING) ? name.substring(0, name.length() - ENDING.length()) : name;
    return stem + "-" + what + ENDING;
  }

  /** A resource as a file; null if this build does not have it. */
  private static Path shipped(String name) {
    URL resource = DefaultModel.class.getResource(name);
    if (resource == null) {
      return null;
    }
    try {
      URI uri = resource.toURI();
      if (uri.getScheme().equals("file")) {
        return Path.of(uri);
      }
      return CacheFolder.unpack(
          DefaultModel.class,
          "/" + DefaultModel.class.getPackageName().replace('.', '/') + "/" + name);
    } catch (IOException e) {
      throw new FileException(
          "the default model cannot be unpacked: " + FileException.reason(e), e);
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }
}
