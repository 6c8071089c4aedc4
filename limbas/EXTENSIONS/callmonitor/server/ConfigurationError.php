<?php

namespace Callmonitor;

/**
 * callmonitor.config.php cannot be used. Words::TEXTS has the sentence that says why.
 */
final class ConfigurationError extends \Exception
{
    private $key;
    private $values;

    public function __construct(string $key, array $values = [])
    {
        parent::__construct($key);
        $this->key = $key;
        $this->values = $values;
    }

    public function key(): string
    {
        return $this->key;
    }

    public function values(): array
    {
        return $this->values;
    }
}
