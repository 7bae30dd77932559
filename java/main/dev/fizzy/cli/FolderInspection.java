package dev.fizzy.cli;

import dev.fizzy.cli.FileInspection.Status;
import dev.fizzy.dataset.read.FaceFolder;
import dev.fizzy.file.FileException;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The results of inspecting all files below a folder, sorted by name. */
record FolderInspection(Path folder, List<FileInspection> files) {
  private static final int NAME_WIDTH = 60;

  /** Reads every file; a file that cannot be read does not stop the inspection. */
  static FolderInspection of(Path folder) {
    List<FileInspection> files = new ArrayList<>();
    try {
      Path root = folder.toRealPath();
      Files.walkFileTree(root, visitor(root, files));
    } catch (IOException e) {
      throw FileException.of("list", folder, e);
    }
    files.sort(Comparator.comparing(FileInspection::file));
    return new FolderInspection(folder, List.copyOf(files));
  }

  private static SimpleFileVisitor<Path> visitor(Path root, List<FileInspection> files) {
    return new SimpleFileVisitor<>() {
      @Override
      public FileVisitResult preVisitDirectory(Path dir, BasicFileAttributes attributes) {
        if (dir.equals(root) || FaceFolder.mayHaveImages(dir.getFileName().toString())) {
          return FileVisitResult.CONTINUE;
        }
        skip(dir, "folder", "hidden, or created by a file manager");
        return FileVisitResult.SKIP_SUBTREE;
      }

      @Override
      public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
        if (attributes.isSymbolicLink() && Files.isDirectory(file)) {
          skip(file, "link", "to a folder");
        } else if (file.getFileName().toString().startsWith(".")) {
          skip(file, "file", "hidden");
        } else if (!Files.isRegularFile(file)) {
          skip(file, "file", "not a regular file, or a broken link");
        } else {
          files.add(FileInspection.of(file, root.relativize(file).toString()));
        }
        return FileVisitResult.CONTINUE;
      }

      @Override
      public FileVisitResult visitFileFailed(Path file, IOException e) {
        String name = root.relativize(file).toString();
        String reason = FileException.reason(e);
        files.add(new FileInspection(name, "file", Status.REFUSED, reason));
        return FileVisitResult.CONTINUE;
      }

      private void skip(Path path, String kind, String why) {
        String name = root.relativize(path).toString();
        files.add(new FileInspection(name, kind, Status.SKIPPED, why));
      }
    };
  }

  private long count(Status status) {
    return files.stream().filter(f -> f.status() == status).count();
  }

  void print(JsonOutput output) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("folder", folder.toString());
    for (Status status : Status.values()) {
      json.put(status.name().toLowerCase(Locale.ROOT), count(status));
    }
    json.put("files", files.stream().map(FolderInspection::fields).toList());
    output.print(json, table());
  }

  private static Map<String, String> fields(FileInspection file) {
    return Map.of(
        "file", file.file(),
        "kind", file.kind(),
        "status", file.status().name().toLowerCase(Locale.ROOT),
        "detail", file.detail());
  }

  private String table() {
    int width = files.stream().mapToInt(f -> f.file().length()).max().orElse(0);
    String format = "%-11s %-13s %-" + Math.max(4, Math.min(NAME_WIDTH, width)) + "s  %s%n";
    StringBuilder text =
        new StringBuilder(line(format, "result", "kind", "file", "content or reason"));
    for (FileInspection file : files) {
      String status = file.status().name().toLowerCase(Locale.ROOT).replace('_', ' ');
      text.append(line(format, status, file.kind(), file.file(), file.detail()));
    }
    return text.append(
            String.format(
                Locale.ROOT,
                "%n%s: %,d files read, %,d refused, %,d skipped",
                folder,
                count(Status.READ),
                count(Status.REFUSED),
                count(Status.SKIPPED)))
        .toString();
  }

  /** Replaces control characters, which a terminal would interpret. */
  private static String line(String format, String... cells) {
    Object[] printable = new Object[cells.length];
    for (int i = 0; i < cells.length; i++) {
      printable[i] = cells[i].replaceAll("\\p{Cntrl}", "?");
    }
    return String.format(Locale.ROOT, format, printable);
  }
}
