package dev.capsule.protocol;

import org.jspecify.annotations.Nullable;

/**
 * Names a program to read.
 *
 * @param language a guest's name, {@code "python"}
 * @param root absolute path of the folder that its own modules are imported from
 * @param module name of the entry module
 * @param file absolute path of the entry module's file, inside {@code root}
 * @param source the entry module's text; null: what the file holds
 * @param config absolute path of the capsule.toml or pyproject.toml to use; null: the nearest one
 *     that applies to {@code root}; empty: none
 */
public record LoadProgramParams(
    String language,
    String root,
    String module,
    String file,
    @Nullable String source,
    @Nullable String config) {}
