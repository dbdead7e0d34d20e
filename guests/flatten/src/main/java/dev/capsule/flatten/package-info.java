/**
 * Merges the core modules of a guest component into one, when guests are built: {@link
 * dev.capsule.flatten.Flatten} is the command. May use the JDK and nothing else, not even the rest
 * of Capsule, because it runs before anything else is built; nothing at run time may use it.
 *
 * <h2>What comes in</h2>
 *
 * componentize-py links CPython, its extension modules and its own runtime as shared libraries: a
 * dozen core modules that share one memory and one table and find each other through several
 * thousand named imports and exports. Each instantiation of the component resolves all of those
 * names again, which costs more than everything else together. The component, as {@code
 * wit-component} lays it out, holds
 *
 * <ul>
 *   <li>types, imports and aliases at component level;
 *   <li>the core modules, among them a <em>shim</em>: a table of slots named {@code $imports} and,
 *       for slot <i>n</i>, an exported function <i>n</i> that calls whatever is in the slot;
 *   <li>core instances: of modules, with the names they are given, and bags of names that stand for
 *       functions, tables, memories and globals of other instances;
 *   <li>imported functions lowered to core functions. Most of them need the memory, which does not
 *       exist until the modules are instantiated, so the modules are given the shim's functions
 *       instead;
 *   <li>a <em>fixup</em>, instantiated last of all, whose element segment puts the lowered
 *       functions into the shim's slots;
 *   <li>exported functions, lifted from core functions, and what describes them.
 * </ul>
 *
 * <h2>What goes out</h2>
 *
 * The same component level, byte for byte, around three core modules: shim, merged module, fixup.
 * It also exports {@code memory-pages}, which the code inside has no say in.
 *
 * <h2>How</h2>
 *
 * {@link dev.capsule.flatten.ComponentReader} and {@link dev.capsule.flatten.CoreModuleReader}
 * read; {@link dev.capsule.flatten.InstanceGraph} says what each name stands for; {@link
 * dev.capsule.flatten.Liveness} and {@link dev.capsule.flatten.Stubs} find what is needed; {@link
 * dev.capsule.flatten.Layout} numbers it anew; {@link dev.capsule.flatten.CoreModuleWriter} and
 * {@link dev.capsule.flatten.ComponentWriter} write. Instructions are copied as they are, apart
 * from the indices in them. Whatever is not understood is an error, never a guess. The input is
 * taken to be valid; the output of an invalid input is invalid too, which Wasmtime finds out.
 */
@NullMarked
package dev.capsule.flatten;

import org.jspecify.annotations.NullMarked;
