<?php
// Stands in for Limbas around the files of an extension: its variables in, and out again what they did with them.
// Reads one JSON document from standard input and writes one to standard output.

namespace LimbasSimulator;

final class Harness
{
    private static $request;
    private static $complaints = [];
    private static $called = false;

    public static function begin()
    {
        self::$request = json_decode(file_get_contents('php://stdin'), true);
        set_error_handler(function ($level, $text, $file, $line) {
            if (error_reporting() & $level) {
                self::$complaints[] = "$text ($file:$line)";
            }
            return true;
        });
        foreach (self::$request['variables'] as $name => $value) {
            $GLOBALS[$name] = $value;
        }
        ob_start();
        return self::$request;
    }

    /** As Limbas 7 does it: within a method, its own variables declared global. */
    public static function includeInMethod()
    {
        foreach (array_keys(self::$request['variables']) as $limbas_name) {
            global $$limbas_name;
        }
        unset($limbas_name);
        foreach (self::$request['include'] as $limbas_file) {
            require_once $limbas_file;
        }
        unset($limbas_file);
        return array_keys(get_defined_vars());
    }

    public static function call()
    {
        $function = self::$request['call'];
        if ($function !== '' && function_exists($function)) {
            self::$called = true;
            $answer = $function(self::$request['params']);
            if (strpos($function, 'LmbDialNumber_') === 0) {
                echo $answer;
            }
        }
    }

    public static function end(array $before, array $variables)
    {
        $after = self::names($variables);
        $globals = [];
        foreach (self::$request['report'] as $name) {
            $globals[$name] = $GLOBALS[$name] ?? null;
        }
        return json_encode([
            'output' => ob_get_clean(),
            'globals' => (object) $globals,
            'complaints' => self::$complaints,
            'left' => array_values(array_diff($after, $before, array_keys(self::$request['variables']))),
            'called' => self::$called,
        ], JSON_INVALID_UTF8_SUBSTITUTE);
    }

    public static function names(array $variables)
    {
        return array_map('strtolower', array_merge(
            get_defined_functions()['user'],
            get_declared_classes(),
            array_keys(get_defined_constants(true)['user'] ?? []),
            $variables
        ));
    }
}

$limbas_request = Harness::begin();
$limbas_before = Harness::names(array_keys($GLOBALS));
if ($limbas_request['in_method']) {
    $limbas_variables = Harness::includeInMethod();
} else {
    foreach ($limbas_request['include'] as $limbas_file) {
        require_once $limbas_file;
    }
    $limbas_variables = array_keys($GLOBALS);
}
Harness::call();
echo Harness::end(array_merge($limbas_before, ['limbas_before', 'limbas_file', 'limbas_variables']), $limbas_variables);
