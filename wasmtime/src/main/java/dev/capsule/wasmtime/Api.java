package dev.capsule.wasmtime;

import static java.lang.foreign.ValueLayout.JAVA_BOOLEAN;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.SymbolLookup;
import java.util.ArrayList;
import java.util.List;

/**
 * Every C function that the binding calls, with its signature as in the headers of 50.0.1. None of
 * them is asynchronous: a Java upcall on a fiber's stack aborts the process.
 */
final class Api {
  private static final MemoryLayout P = JAVA_LONG;
  private static final MemoryLayout SIZE = JAVA_LONG;
  private static final MemoryLayout I64 = JAVA_LONG;
  private static final MemoryLayout U32 = JAVA_INT;
  private static final MemoryLayout BOOL = JAVA_BOOLEAN;

  private final SymbolLookup library;
  private final List<Symbol> symbols = new ArrayList<>();

  // wasm.h, wasmtime/config.h, wasmtime/engine.h
  final Symbol configNew;
  final Symbol configFuel;
  final Symbol configEpochs;
  final Symbol configMaxWasmStack;
  final Symbol configAsyncStackSize;
  final Symbol configComponentAsync;
  final Symbol configPool;
  final Symbol engineNew;
  final Symbol engineDelete;
  final Symbol engineIncrementEpoch;

  // the pooling allocator, in wasmtime/config.h
  final Symbol poolNew;
  final Symbol poolDelete;
  final Symbol poolTotalComponentInstances;
  final Symbol poolTotalCoreInstances;
  final Symbol poolTotalMemories;
  final Symbol poolTotalTables;
  final Symbol poolTotalStacks;
  final Symbol poolMaxCoreInstancesPerComponent;
  final Symbol poolMaxMemoriesPerComponent;
  final Symbol poolMaxTablesPerComponent;
  final Symbol poolMaxMemoriesPerModule;
  final Symbol poolMaxTablesPerModule;
  final Symbol poolMaxUnusedWarmSlots;
  final Symbol poolMaxComponentInstanceSize;
  final Symbol poolMaxCoreInstanceSize;
  final Symbol poolTableElements;
  final Symbol poolMaxMemorySize;
  final Symbol poolMemoryKeepResident;
  final Symbol poolTableKeepResident;

  // wasmtime/error.h, wasm.h, wasmtime/wat.h
  final Symbol errorNew;
  final Symbol errorDelete;
  final Symbol errorMessage;
  final Symbol errorExitStatus;
  final Symbol bytesNew;
  final Symbol bytesDelete;
  final Symbol wat2wasm;

  // wasmtime/component/component.h, func.h, instance.h, types/func.h
  final Symbol componentNew;
  final Symbol componentDeserializeFile;
  final Symbol componentSerialize;
  final Symbol componentDelete;
  final Symbol componentExport;
  final Symbol exportDelete;
  final Symbol instanceFunc;
  final Symbol funcCall;
  final Symbol funcType;
  final Symbol funcTypeDelete;
  final Symbol funcTypeParamCount;
  final Symbol funcTypeResult;
  final Symbol valtypeDelete;

  // wasmtime/component/linker.h
  final Symbol linkerNew;
  final Symbol linkerDelete;
  final Symbol linkerAllowShadowing;
  final Symbol linkerAddWasi;
  final Symbol linkerRoot;
  final Symbol linkerInstanceAddInstance;
  final Symbol linkerInstanceAddFunc;
  final Symbol linkerInstanceDelete;
  final Symbol linkerInstantiate;

  // wasmtime/component/val.h
  final Symbol valNew;
  final Symbol valDelete;
  final Symbol listNew;
  final Symbol recordNew;
  final Symbol tupleNew;
  final Symbol flagsNew;

  // wasmtime/store.h
  final Symbol storeNew;
  final Symbol storeDelete;
  final Symbol storeContext;
  final Symbol storeLimiter;
  final Symbol storeEpochCallback;
  final Symbol contextData;
  final Symbol contextSetFuel;
  final Symbol contextGetFuel;
  final Symbol contextSetEpochDeadline;
  final Symbol contextSetWasi;

  // wasi.h
  final Symbol wasiNew;
  final Symbol wasiDelete;
  final Symbol wasiArgs;
  final Symbol wasiEnv;
  final Symbol wasiPreopen;
  final Symbol wasiStdin;
  final Symbol wasiStdout;
  final Symbol wasiStderr;

  Api(SymbolLookup library) {
    this.library = library;

    configNew = function(P, "wasm_config_new");
    configFuel = procedure("wasmtime_config_consume_fuel_set", P, BOOL);
    configEpochs = procedure("wasmtime_config_epoch_interruption_set", P, BOOL);
    configMaxWasmStack = procedure("wasmtime_config_max_wasm_stack_set", P, SIZE);
    configAsyncStackSize = procedure("wasmtime_config_async_stack_size_set", P, SIZE);
    configComponentAsync = procedure("wasmtime_config_wasm_component_model_async_set", P, BOOL);
    configPool = procedure("wasmtime_pooling_allocation_strategy_set", P, P);
    engineNew = function(P, "wasm_engine_new_with_config", P);
    engineDelete = procedure("wasm_engine_delete", P);
    engineIncrementEpoch = procedure("wasmtime_engine_increment_epoch", P);

    poolNew = function(P, pool("new"));
    poolDelete = procedure(pool("delete"), P);
    poolTotalComponentInstances = procedure(pool("total_component_instances_set"), P, U32);
    poolTotalCoreInstances = procedure(pool("total_core_instances_set"), P, U32);
    poolTotalMemories = procedure(pool("total_memories_set"), P, U32);
    poolTotalTables = procedure(pool("total_tables_set"), P, U32);
    poolTotalStacks = procedure(pool("total_stacks_set"), P, U32);
    poolMaxCoreInstancesPerComponent =
        procedure(pool("max_core_instances_per_component_set"), P, U32);
    poolMaxMemoriesPerComponent = procedure(pool("max_memories_per_component_set"), P, U32);
    poolMaxTablesPerComponent = procedure(pool("max_tables_per_component_set"), P, U32);
    poolMaxMemoriesPerModule = procedure(pool("max_memories_per_module_set"), P, U32);
    poolMaxTablesPerModule = procedure(pool("max_tables_per_module_set"), P, U32);
    poolMaxUnusedWarmSlots = procedure(pool("max_unused_warm_slots_set"), P, U32);
    poolMaxComponentInstanceSize = procedure(pool("max_component_instance_size_set"), P, SIZE);
    poolMaxCoreInstanceSize = procedure(pool("max_core_instance_size_set"), P, SIZE);
    poolTableElements = procedure(pool("table_elements_set"), P, SIZE);
    poolMaxMemorySize = procedure(pool("max_memory_size_set"), P, SIZE);
    poolMemoryKeepResident = procedure(pool("linear_memory_keep_resident_set"), P, SIZE);
    poolTableKeepResident = procedure(pool("table_keep_resident_set"), P, SIZE);

    errorNew = function(P, "wasmtime_error_new", P);
    errorDelete = procedure("wasmtime_error_delete", P);
    errorMessage = procedure("wasmtime_error_message", P, P);
    errorExitStatus = function(BOOL, "wasmtime_error_exit_status", P, P);
    bytesNew = procedure("wasm_byte_vec_new_uninitialized", P, SIZE);
    bytesDelete = procedure("wasm_byte_vec_delete", P);
    wat2wasm = function(P, "wasmtime_wat2wasm", P, SIZE, P);

    componentNew = function(P, component("new"), P, P, SIZE, P);
    componentDeserializeFile = function(P, component("deserialize_file"), P, P, P);
    componentSerialize = function(P, component("serialize"), P, P);
    componentDelete = procedure(component("delete"), P);
    componentExport = function(P, component("get_export_index"), P, P, P, SIZE);
    exportDelete = procedure(component("export_index_delete"), P);
    instanceFunc = function(BOOL, component("instance_get_func"), P, P, P, P);
    funcCall = function(P, component("func_call"), P, P, P, SIZE, P, SIZE);
    funcType = function(P, component("func_type"), P, P);
    funcTypeDelete = procedure(component("func_type_delete"), P);
    funcTypeParamCount = function(SIZE, component("func_type_param_count"), P);
    funcTypeResult = function(BOOL, component("func_type_result"), P, P);
    valtypeDelete = procedure(component("valtype_delete"), P);

    linkerNew = function(P, component("linker_new"), P);
    linkerDelete = procedure(component("linker_delete"), P);
    linkerAllowShadowing = procedure(component("linker_allow_shadowing"), P, BOOL);
    linkerAddWasi = function(P, component("linker_add_wasip2"), P);
    linkerRoot = function(P, component("linker_root"), P);
    linkerInstanceAddInstance =
        function(P, component("linker_instance_add_instance"), P, P, SIZE, P);
    linkerInstanceAddFunc = function(P, component("linker_instance_add_func"), P, P, SIZE, P, P, P);
    linkerInstanceDelete = procedure(component("linker_instance_delete"), P);
    linkerInstantiate = function(P, component("linker_instantiate"), P, P, P, P);

    valNew = function(P, component("val_new"), P);
    valDelete = procedure(component("val_delete"), P);
    listNew = procedure(component("vallist_new_uninit"), P, SIZE);
    recordNew = procedure(component("valrecord_new_uninit"), P, SIZE);
    tupleNew = procedure(component("valtuple_new_uninit"), P, SIZE);
    flagsNew = procedure(component("valflags_new_uninit"), P, SIZE);

    storeNew = function(P, "wasmtime_store_new", P, P, P);
    storeDelete = procedure("wasmtime_store_delete", P);
    storeContext = function(P, "wasmtime_store_context", P);
    storeLimiter = procedure("wasmtime_store_limiter", P, I64, I64, I64, I64, I64);
    storeEpochCallback = procedure("wasmtime_store_epoch_deadline_callback", P, P, P, P);
    contextData = function(P, "wasmtime_context_get_data", P);
    contextSetFuel = function(P, "wasmtime_context_set_fuel", P, I64);
    contextGetFuel = function(P, "wasmtime_context_get_fuel", P, P);
    contextSetEpochDeadline = procedure("wasmtime_context_set_epoch_deadline", P, I64);
    contextSetWasi = function(P, "wasmtime_context_set_wasi", P, P);

    wasiNew = function(P, "wasi_config_new");
    wasiDelete = procedure("wasi_config_delete", P);
    wasiArgs = function(BOOL, "wasi_config_set_argv", P, SIZE, P);
    wasiEnv = function(BOOL, "wasi_config_set_env", P, SIZE, P, P);
    wasiPreopen = function(BOOL, "wasi_config_preopen_dir", P, P, P, BOOL);
    wasiStdin = procedure("wasi_config_set_stdin_bytes", P, P);
    wasiStdout = procedure("wasi_config_set_stdout_custom", P, P, P, P);
    wasiStderr = procedure("wasi_config_set_stderr_custom", P, P, P, P);
  }

  /** All functions of this table. */
  List<Symbol> symbols() {
    return List.copyOf(symbols);
  }

  private static String pool(String suffix) {
    return "wasmtime_pooling_allocation_config_" + suffix;
  }

  private static String component(String suffix) {
    return "wasmtime_component_" + suffix;
  }

  private Symbol function(MemoryLayout result, String name, MemoryLayout... parameters) {
    return add(name, FunctionDescriptor.of(result, parameters));
  }

  private Symbol procedure(String name, MemoryLayout... parameters) {
    return add(name, FunctionDescriptor.ofVoid(parameters));
  }

  private Symbol add(String name, FunctionDescriptor type) {
    Symbol symbol =
        new Symbol(
            name,
            library
                .find(name)
                .orElseThrow(() ->
                    new WasmtimeException(
                        "the library has no function "
                            + name
                            + ": it is not Wasmtime "
                            + Wasmtime.VERSION)),
            type);
    symbols.add(symbol);
    return symbol;
  }
}
