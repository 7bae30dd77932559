package dev.fizzy.recognition;

import dev.fizzy.dataset.write.FolderNames;
import dev.fizzy.engine.EngineException;
import dev.fizzy.identity.Contexts;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Finds the context that an identity was generated from: identities have the folders' names. */
final class ContextOfIdentity {
  private ContextOfIdentity() {}

  /** The context's index for each identity; throws if an identity has none. */
  static int[] of(Identities identities, Contexts contexts) {
    List<String> folders = FolderNames.of(contexts.names());
    Map<String, Integer> byFolder = new HashMap<>();
    for (int i = 0; i < folders.size(); i++) {
      byFolder.put(folders.get(i), i);
    }
    int[] context = new int[identities.count()];
    for (int i = 0; i < context.length; i++) {
      String name = identities.name(i);
      int named = contexts.indexOf(name);
      context[i] = named >= 0 ? named : byFolder.getOrDefault(name, -1);
      if (context[i] < 0) {
        throw new EngineException(
            "no context is named "
                + name
                + " like an identity; the first context is named "
                + contexts.name(0));
      }
    }
    return context;
  }
}
