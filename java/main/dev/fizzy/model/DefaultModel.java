package dev.fizzy.model;

import dev.fizzy.engine.CacheFolder;
import dev.fizzy.file.FileException;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Path;

/** The model that ships, which is used if no other is given. */
public final class DefaultModel {
  private static final String RESOURCE = "default.safetensors";

  private DefaultModel() {}

  /** Opens the model that ships. */
  public static ModelFile open() {
    return openOr(null);
  }

  /** Opens a model file, or the model that ships if {@code file} is null. */
  public static ModelFile openOr(Path file) {
    return ModelFile.open(file == null ? path() : file);
  }

  private static Path path() {
    URL resource = DefaultModel.class.getResource(RESOURCE);
    if (resource == null) {
      throw new FileException("this build has no default model; give a model file");
    }
    try {
      URI uri = resource.toURI();
      if (uri.getScheme().equals("file")) {
        return Path.of(uri);
      }
      return CacheFolder.unpack(
          DefaultModel.class,
          "/" + DefaultModel.class.getPackageName().replace('.', '/') + "/" + RESOURCE);
    } catch (IOException e) {
      throw new FileException(
          "the default model cannot be unpacked: " + FileException.reason(e), e);
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }
}
