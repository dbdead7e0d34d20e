package dev.capsule.protocol;

import org.jspecify.annotations.Nullable;

/**
 * Asks what is set where, for a project or for one program of it.
 *
 * @param root absolute path of the folder where the search for a configuration starts, and that the
 *     program's own modules are imported from
 * @param file absolute path of a program's entry module, inside {@code root}: its tasks are
 *     described too; null: only what the configuration itself says
 * @param language of {@code file}; null: the one that its name's ending says
 * @param config absolute path of the capsule.toml or pyproject.toml to use; null: the nearest one
 *     that applies to {@code root}; empty: none
 */
public record DescribeConfigParams(
    String root, @Nullable String file, @Nullable String language, @Nullable String config) {}
