package dev.fizzy.report;

import com.fasterxml.jackson.annotation.JsonIgnore;
import dev.fizzy.dataset.ImageSets;
import dev.fizzy.file.FileException;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Everything that a report shows of a folder: data sets (folders with {@code manifest.json}),
 * packed sets without one, training runs ({@code metrics.jsonl}) and stored results (JSON files
 * with a {@code kind}, see {@link StoredResult}), sorted by name.
 *
 * @param root name of the folder, by which what lies in it directly is called
 * @param results results with their files
 * @param pictures of the faces that results name
 * @param evaluated the generated sets that results judge
 * @param realFaces whether training faces are shown, which are of real people
 * @param skipped files that could not be used, and why
 */
public record Report(
    String title,
    String root,
    String made,
    String version,
    boolean realFaces,
    @JsonIgnore List<DatasetPicture> datasets,
    List<RunCurves> runs,
    List<NamedResult> results,
    @JsonIgnore List<ResultPictures> pictures,
    @JsonIgnore List<EvaluatedSet> evaluated,
    List<String> skipped) {
  /** A result and its file, relative to the folder. */
  public record NamedResult(String file, StoredResult stored) {}

  private static final Pattern PACKED = Pattern.compile("[^.].*\\.(rec|tar|tar\\.gz|tgz|parquet)");

  /** The report's own data file, which is not read as a result. */
  static final String JSON_FILE = "report.json";

  /**
   * @param made time of the report, ISO 8601
   * @param realFaces whether to show training faces
   */
  public static Report of(
      Path folder, String title, String made, String version, boolean realFaces) {
    if (!Files.isDirectory(folder)) {
      throw new FileException(folder + " is not a folder with results to report");
    }
    Report report =
        new Report(
            title,
            nameOf(folder),
            made,
            version,
            realFaces,
            new ArrayList<>(),
            new ArrayList<>(),
            new ArrayList<>(),
            new ArrayList<>(),
            new ArrayList<>(),
            new ArrayList<>());
    try {
      Files.walkFileTree(folder, report.new Visitor(folder));
    } catch (IOException e) {
      throw FileException.of("list", folder, e);
    }
    report.datasets.sort(Comparator.comparing(DatasetPicture::name));
    report.runs.sort(Comparator.comparing(RunCurves::name));
    report.results.sort(Comparator.comparing(NamedResult::file));
    report.evaluated.sort(
        Comparator.comparing((EvaluatedSet e) -> e.set().name())
            .thenComparing(EvaluatedSet::judge));
    if (report.datasets.isEmpty() && report.runs.isEmpty() && report.results.isEmpty()) {
      throw new FileException(
          "there is nothing to report in "
              + folder
              + ": no data set's manifest.json, no metrics.jsonl, no result stored with --out");
    }
    return report;
  }

  /** A report of one result alone. */
  public static Report of(NamedResult result, String title) {
    return new Report(
        title,
        "",
        result.stored().made(),
        result.stored().version(),
        false,
        List.of(),
        List.of(),
        List.of(result),
        List.of(),
        List.of(),
        List.of());
  }

  private static String nameOf(Path folder) {
    return String.valueOf(absolute(folder).getFileName());
  }

  private static Path absolute(Path path) {
    return path.toAbsolutePath().normalize();
  }

  private static Path manifest(Path file) {
    return file.resolveSibling("manifest.json");
  }

  private final class Visitor extends SimpleFileVisitor<Path> {
    private final Path root;

    /** Folders of packed files without a manifest, and whether each is read as one set. */
    private final Map<Path, Boolean> packed = new HashMap<>();

    /** The sets that results judge, read once; empty where a set's cost is not known. */
    private final Map<Path, Optional<GeneratedSet>> generated = new HashMap<>();

    Visitor(Path root) {
      this.root = root;
    }

    private String name(Path path) {
      String name = absolute(root).relativize(absolute(path)).toString().replace('\\', '/');
      return name.isEmpty() ? nameOf(root) : name;
    }

    /** Skips the identity folders of data sets, which contain only images. */
    @Override
    public FileVisitResult preVisitDirectory(Path dir, BasicFileAttributes attributes) {
      if (!dir.equals(root) && dir.getFileName().toString().startsWith(".")) {
        return FileVisitResult.SKIP_SUBTREE;
      }
      boolean identity = !dir.equals(root) && Files.exists(dir.resolveSibling("manifest.json"));
      return identity && !Files.exists(dir.resolve("manifest.json"))
          ? FileVisitResult.SKIP_SUBTREE
          : FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
      String name = file.getFileName().toString();
      try {
        if (name.equals("manifest.json")) {
          datasets.add(DatasetPicture.of(name(file.getParent()), file.getParent(), skipped));
        } else if (PACKED.matcher(name).matches() && !Files.exists(manifest(file))) {
          addPacked(file);
        } else if (name.equals("metrics.jsonl")) {
          runs.add(RunCurves.read(name(file.getParent()), file));
        } else if (name.endsWith(".json") && !name.equals(JSON_FILE)) {
          StoredResult stored = StoredResult.read(file);
          if (stored != null) {
            results.add(new NamedResult(name(file), stored));
            addSets(file, stored);
          }
        }
      } catch (FileException e) {
        skipped.add(e.getMessage());
      } catch (InvalidPathException e) {
        skipped.add(file + " names a folder that cannot be one: " + e.getMessage());
      }
      return FileVisitResult.CONTINUE;
    }

    /** Draws a packed set without a manifest: a file, or all files of a folder below the root. */
    private void addPacked(Path file) {
      Path folder = file.getParent();
      Boolean drawn = packed.get(folder);
      if (drawn == null) {
        packed.put(folder, !folder.equals(root) && ImageSets.isPacked(folder));
      }
      if (!packed.get(folder)) {
        datasets.add(DatasetPicture.bare(name(file), file, skipped));
      } else if (drawn == null) {
        datasets.add(DatasetPicture.bare(name(folder), folder, skipped));
      }
    }

    private void addSets(Path file, StoredResult stored) {
      Path base = file.toAbsolutePath().resolveSibling(stored.folder());
      if (stored.result().get("data") instanceof String data) {
        generated
            .computeIfAbsent(base.resolve(data).normalize(), this::read)
            .ifPresent(set -> evaluated.addAll(EvaluatedSet.of(stored, set)));
      }
      ResultPictures named = ResultPictures.of(name(file), stored, base, realFaces, skipped);
      if (!named.isEmpty()) {
        pictures.add(named);
      }
    }

    private Optional<GeneratedSet> read(Path set) {
      try {
        return GeneratedSet.read(name(set), set);
      } catch (FileException e) {
        skipped.add(e.getMessage());
        return Optional.empty();
      }
    }

    @Override
    public FileVisitResult visitFileFailed(Path file, IOException e) {
      skipped.add(file + ": " + FileException.reason(e));
      return FileVisitResult.CONTINUE;
    }
  }
}
