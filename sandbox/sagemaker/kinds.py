"""The four kinds of job definition, which differ in their names and in little else."""

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """A kind of job definition. monitoring_type: as in a MonitoringScheduleConfig."""

    monitoring_type: str

    @property
    def api_name(self) -> str:
        """The name in operations and resource types, such as ModelQualityJobDefinition."""
        return f"{self.monitoring_type}JobDefinition"

    @property
    def in_arn(self) -> str:
        """The name in ARNs, such as model-quality-job-definition."""
        return re.sub(r"\B([A-Z])", r"-\1", self.api_name).lower()

    @property
    def in_words(self) -> str:
        """The name in messages, such as model quality job definition."""
        return self.in_arn.replace("-", " ")

    @property
    def job_input(self) -> str:
        """The member that has the job's input."""
        return f"{self.monitoring_type}JobInput"

    @property
    def output_config(self) -> str:
        """The member that has the job's outputs."""
        return f"{self.monitoring_type}JobOutputConfig"


MODEL_QUALITY = Kind("ModelQuality")
SIBLINGS = (Kind("DataQuality"), Kind("ModelBias"), Kind("ModelExplainability"))
KINDS = (MODEL_QUALITY, *SIBLINGS)
BY_MONITORING_TYPE = {kind.monitoring_type: kind for kind in KINDS}
